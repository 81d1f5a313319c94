"""python3 -m unittest train.test_detect, in models/."""
import os
import tempfile
import unittest

import numpy as np
import torch

from . import augment, detect, export
from .net import Early, blocks, channels


class Assignment(unittest.TestCase):
    def test_a_box_goes_to_cells_within_it_and_background_to_none(self):
        model = detect.Detector(3, 240, 320, 0.25, 0.5).eval()
        truths = [np.array([[40, 40, 80, 120, 1]], np.float32), np.zeros((0, 5), np.float32)]
        boxes, labels, valid = augment.pad(truths, "cpu")
        predicted, logits = model(torch.rand(2, 3, 240, 320))
        targets, cell_boxes, taken = detect.assign(predicted, logits, model.centres, boxes, labels, valid)
        self.assertEqual(int(taken[0].sum()), detect.CELLS_PER_BOX)
        self.assertFalse(taken[1].any())
        self.assertEqual(float(targets[1].sum()), 0)
        chosen = model.centres[taken[0]]
        self.assertTrue(((chosen > torch.tensor([40.0, 40.0])) & (chosen < torch.tensor([80.0, 120.0]))).all())
        self.assertTrue((cell_boxes[0][taken[0]] == boxes[0, 0]).all())
        self.assertEqual(float(targets[..., [0, 2]].sum()), 0)

    def test_loss_is_finite_without_any_box(self):
        model = detect.Detector(3, 240, 320, 0.25, 0.5)
        truth = augment.pad([np.zeros((0, 5), np.float32)] * 2, "cpu")
        value = detect.loss(model(torch.rand(2, 3, 240, 320)), model.centres, truth)
        value.backward()
        self.assertTrue(bool(torch.isfinite(value)))

    def test_it_learns_one_picture(self):
        torch.manual_seed(0)
        model = detect.Detector(3, 240, 320, 0.25, 0.5)
        image = torch.full((1, 3, 240, 320), 0.3)
        image[:, 0, 60:140, 100:140] = 1.0
        truth = augment.pad([np.array([[100, 60, 140, 140, 2]], np.float32)], "cpu")
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        for _ in range(60):
            value = detect.loss(model(image), model.centres, truth)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
        boxes, logits = model(image)
        found = detect.detections(boxes[0].detach().numpy(), torch.sigmoid(logits)[0].detach().numpy(), 0.3, 0.5)
        self.assertEqual(len(found), 1)
        self.assertEqual(found[0, 5], 2)
        np.testing.assert_allclose(found[0, :4], [100, 60, 140, 140], atol=8)


class Family(unittest.TestCase):
    def test_width_and_depth_scale_what_is_not_shared(self):
        self.assertEqual([channels(64, w) for w in (1.0, 0.5, 0.33, 0.01)], [64, 32, 24, 8])
        self.assertEqual([blocks(2, d) for d in (0.1, 0.5, 1.0, 2.0)], [1, 1, 2, 4])
        sizes = [sum(p.numel() for p in detect.Detector(3, 240, 320, *level).parameters() if p.requires_grad)
                 for level in ((0.25, 0.5, 3), (0.5, 0.5, 3), (0.5, 1, 6), (1, 1, None))]
        self.assertEqual(sizes, sorted(set(sizes)))

    def test_shared_layers_are_the_largest_networks_and_stay_so(self):
        image = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
        torch.manual_seed(1)
        largest = detect.Detector(3, 64, 64)
        largest(image)  # moves the running means of its batch norms
        largest.eval()
        at = {2: 1, 3: 1, 5: 2, 6: 2, 8: 3, 9: 3}  # the last of the features at strides 2, 4, 8, 16 that it reaches
        for shared in Early.cuts(2):
            level = detect.Detector(3, 64, 64, 0.5, 0.5, shared)
            level.backbone.early.take(largest.backbone.early)
            before = [p.clone() for layer in level.backbone.early.fixed for p in layer.state_dict().values()]
            optimizer = torch.optim.SGD(level.parameters(), lr=0.1)
            boxes, logits = level.train()(image)
            (boxes.mean() + logits.mean()).backward()
            optimizer.step()
            after = [p for layer in level.backbone.early.fixed for p in layer.state_dict().values()]
            self.assertTrue(all(torch.equal(a, b) for a, b in zip(before, after)), shared)
            given, wanted = level.eval().backbone.early(image), largest.backbone.early(image)
            if shared in (3, 6, 9):
                torch.testing.assert_close(given[at[shared]], wanted[at[shared]], rtol=0, atol=1e-6)
            self.assertEqual(given[3].shape[2:], wanted[3].shape[2:])

    def test_only_whole_layers_are_shared(self):
        for shared in (0, 1, 4, 7, 10):
            with self.assertRaisesRegex(ValueError, "2, 3, 5, 6, 8, 9"):
                detect.Detector(3, 64, 64, 0.5, 0.5, shared)


class Onnx(unittest.TestCase):
    def test_metadata_is_appended_to_a_valid_model(self):
        module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sigmoid())
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.onnx")
            size = export.to_onnx(module, (1, 2), "x", ["y"], {"task": "trial", "long": "z" * 300}, path)
            with open(path, "rb") as f:
                data = f.read()
            self.assertEqual(os.listdir(folder), ["m.onnx"])
        self.assertEqual(size, len(data))
        self.assertLessEqual(export.ir_version(data), export.IR_VERSION_MOST)
        self.assertTrue(data.endswith(b"\x0a\x04long\x12\xac\x02" + b"z" * 300))


if __name__ == "__main__":
    unittest.main()
