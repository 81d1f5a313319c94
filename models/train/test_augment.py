"""python3 -m unittest train.test_augment, in models/."""
import unittest

import numpy as np
import torch

from . import augment

BOX = (60.0, 80.0, 100.0, 180.0)


def scene():
    """A grey picture with one white box, and its truth."""
    image = torch.full((3, 240, 320), 60, dtype=torch.uint8)
    image[:, int(BOX[1]):int(BOX[3]), int(BOX[0]):int(BOX[2])] = 255
    return image, np.array([[*BOX, 2]], np.float32)


class Warp(unittest.TestCase):
    def test_boxes_stay_on_what_they_show(self):
        image, truth = scene()
        seen = 0
        for seed in range(60):
            rng = np.random.default_rng(seed)
            view, moved = augment.warp(image, truth, (240, 320), float(rng.uniform(0.6, 1.8)), rng)
            if not len(moved):
                continue
            seen += 1
            x1, y1, x2, y2 = moved[0, :4]
            self.assertTrue(0 <= x1 < x2 <= 320 and 0 <= y1 < y2 <= 240)
            white = view[0, 0].numpy() > 0.99
            inside = np.zeros_like(white)
            inside[max(0, int(y1) - 1):int(y2) + 2, max(0, int(x1) - 1):int(x2) + 2] = True
            if view[0, 0, 0, 0] < 0.99 and view[0, 0, -1, -1] < 0.99:  # no white border
                self.assertFalse((white & ~inside).any())
            self.assertGreater(white[inside].mean(), 0.6)
        self.assertGreater(seen, 30)

    def test_without_mirror_nothing_is_mirrored(self):
        image = torch.zeros(3, 240, 320, dtype=torch.uint8)
        image[:, :, :160] = 255
        truth = np.array([[140, 100, 180, 140, 0]], np.float32)  # the edge lies within
        for mirror in (False, True):
            mirrored = 0
            for seed in range(40):
                view, moved = augment.warp(image, truth, (240, 320), 1.0, np.random.default_rng(seed), mirror=mirror)
                if len(moved):
                    x1, y1, x2, y2 = moved[0, :4].astype(int)
                    box = view[0, 0, y1:y2, x1:x2]
                    mirrored += bool(box[:, 0].mean() < box[:, -1].mean())
            self.assertEqual(mirrored > 0, mirror)


class Batch(unittest.TestCase):
    def test_it_is_padded_in_range_and_depends_on_the_seed_alone(self):
        image, truth = scene()
        images, truths = torch.stack([image] * 3), [truth, np.zeros((0, 5), np.float32), np.repeat(truth, 2, 0)]

        def make(seed):
            rng = np.random.default_rng(seed)
            return augment.batch(images, truths, [0, 1, 2, 0], rng, lambda: rng.integers(3))

        x, (boxes, labels, valid) = make(1)
        self.assertEqual(tuple(x.shape), (4, 3, 240, 320))
        self.assertTrue(0 <= float(x.min()) and float(x.max()) <= 1)
        self.assertEqual(boxes.shape[:2], labels.shape)
        self.assertEqual(labels.shape, valid.shape)
        torch.testing.assert_close(make(1)[0], x)
        self.assertFalse(torch.equal(make(2)[0], x))


if __name__ == "__main__":
    unittest.main()
