"""python3 -m unittest train.test_sign, in models/."""
import math
import unittest

import numpy as np
import torch

from . import sign, sign_data, sign_net, sign_report, sign_views


def crops_of(shape, sign_box, n=1):
    """Crops that are white all over, of one class."""
    images = torch.full((n, 3, sign_data.CROP, sign_data.CROP), 255, dtype=torch.uint8)
    return sign_data.Crops(images, torch.zeros(n, dtype=torch.int64), np.array([sign_box] * n, np.float32)), [shape]


class Labels(unittest.TestCase):
    def test_a_label_is_the_name_without_brackets_and_blanks(self):
        for name, want in (("speed limit 20", "speed_limit_20"), ("give way (yield)", "give_way"), (" Stop ", "stop")):
            self.assertEqual(sign_data.label(name), want)

    def test_no_class_is_in_two_groups(self):
        classes = [c for g in sign_data.GROUPS.values() for c in g]
        self.assertEqual(len(classes), len(set(classes)))
        self.assertEqual(len(classes), 43 - 8)


class Paste(unittest.TestCase):
    def test_the_outline_covers_the_shape_and_not_the_corners(self):
        for shape, inside, outside in (("blue_disc", (24, 24), (5, 5)), ("triangle", (24, 38), (8, 8)),
                                       ("inverted_triangle", (24, 8), (8, 40)), ("diamond", (24, 8), (8, 8))):
            alpha = sign_views.outline(shape, (4, 4, 44, 44))
            self.assertEqual(alpha[inside[1], inside[0]], 1, shape)
            self.assertEqual(alpha[outside[1], outside[0]], 0, shape)
            self.assertEqual(alpha[0].max(), 0, shape)

    def test_pasted_signs_are_where_their_boxes_are(self):
        crops, shapes = crops_of("blue_disc", (4, 4, 44, 44))
        frame = torch.zeros(3, sign_data.HEIGHT, sign_data.WIDTH, dtype=torch.uint8)
        pasted = sign_views.Pasted(crops, shapes)
        rng = np.random.default_rng(0)
        seen = 0
        for _ in range(30):
            shown, truth = pasted.paste(frame, np.zeros((0, 5), np.float32), rng)
            self.assertEqual(int(frame.max()), 0, "the frame itself was changed")
            covered = np.zeros(frame.shape[1:], bool)
            for x1, y1, x2, y2, _ in truth:
                covered[max(0, int(y1) - 2):math.ceil(y2) + 2, max(0, int(x1) - 2):math.ceil(x2) + 2] = True
            self.assertFalse((shown[0].numpy() > 0)[~covered].any())
            seen += len(truth)
        self.assertGreater(seen, 20)

    def test_nothing_is_pasted_over_a_sign(self):
        crops, shapes = crops_of("blue_disc", (4, 4, 44, 44))
        frame = torch.zeros(3, sign_data.HEIGHT, sign_data.WIDTH, dtype=torch.uint8)
        everywhere = np.array([[-100, -100, sign_data.WIDTH + 100, sign_data.HEIGHT + 100, 0]], np.float32)
        shown, truth = sign_views.Pasted(crops, shapes).paste(frame, everywhere, np.random.default_rng(1))
        self.assertEqual((int(shown.max()), len(truth)), (0, 1))


class Views(unittest.TestCase):
    def test_the_same_seed_gives_the_same_crops(self):
        images = torch.randint(0, 256, (9, 3, 48, 48), dtype=torch.uint8)
        a, b = (sign_views.classifier_batch(images, np.random.default_rng(3)) for _ in range(2))
        self.assertTrue(torch.equal(a, b))
        self.assertEqual(a.shape, (9, 3, 48, 48))
        self.assertTrue(0 <= float(a.min()) and float(a.max()) <= 1)

    def test_nothing_is_mirrored(self):
        images = torch.zeros(64, 3, 48, 48, dtype=torch.uint8)
        images[..., :20] = 255
        views = sign_views.classifier_batch(images, np.random.default_rng(0)).mean((1, 2))
        self.assertTrue((views[:, :10].mean(1) > views[:, -10:].mean(1)).all())


class Align(unittest.TestCase):
    def test_a_crop_is_what_lies_in_its_box(self):
        image = torch.zeros(1, 1, 40, 60)
        image[..., 10:20, 30:40] = 1
        crops = sign_net.RoiAlign.apply(image, torch.tensor([[30.0, 10, 40, 20], [25, 5, 45, 25], [0, 0, 10, 10]]))
        self.assertGreater(float(crops[0].min()), 0.3)  # in its corners half of what lies outside
        self.assertAlmostEqual(float(crops[1].mean()), 0.25, places=2)
        self.assertEqual(float(crops[2].max()), 0)

    def test_beyond_the_image_is_nothing(self):
        crop = sign_net.RoiAlign.apply(torch.ones(1, 1, 40, 60), torch.tensor([[-10.0, 0, 10, 20]]))[0, 0]
        self.assertEqual(float(crop[:, :20].max()), 0)
        self.assertAlmostEqual(float(crop[:, 25:].min()), 1, 5)


class Network(unittest.TestCase):
    def test_the_output_has_a_fixed_size_and_the_peaks_alone(self):
        network = sign_net.Deployed(sign_net.new_detector(400, 672, 0.5, 0.5), sign_net.Classifier(44, 0.5), 43).eval()
        with torch.no_grad():
            boxes, scores = network(torch.rand(1, 3, 400, 672))
        self.assertEqual((tuple(boxes.shape), tuple(scores.shape)), ((1, 8, 4), (1, 8, 43)))
        self.assertTrue(bool((scores >= 0).all()) and bool((scores <= 1).all()))

    def test_cut_out_keeps_signs_and_what_is_none_apart(self):
        frames = type("Frames", (), {})()
        frames.images = torch.zeros(1, 3, 400, 672, dtype=torch.uint8)
        frames.images[..., 100:140, 200:240] = 255
        frames.truths = [np.array([[200, 100, 240, 140, 7]], np.float32)]
        proposals = [np.array([[201, 101, 239, 139, 0.9], [400, 200, 430, 230, 0.2]], np.float32)]
        images, classes = sign.cut_out(frames, proposals, 43, np.random.default_rng(0))
        signs = images[classes == 7].float().mean((1, 2, 3))
        self.assertEqual(len(signs), sign.CUTS)
        self.assertGreater(float(signs.min()), 100)
        self.assertLess(float(images[classes == 43].float().mean((1, 2, 3)).max()), 100)


class Figures(unittest.TestCase):
    truth = np.array([[0, 0, 40, 40, 1], [100, 100, 110, 110, 2]], np.float32)

    def test_small_signs_and_what_is_found_on_them_do_not_count(self):
        found = np.array([[0, 0, 40, 40, 0.9, 1], [100, 100, 110, 110, 0.8, 5], [300, 300, 310, 310, 0.7, 1]], np.float32)
        figures = sign_report.report([found], [self.truth], {"score_threshold": 0.5})
        self.assertEqual((figures["signs"], figures["hits"], figures["detections"]), (1, 1, 2))
        self.assertAlmostEqual(figures["micro_f1"], 2 / 3)

    def test_a_group_forgives_the_class_and_f1_does_not(self):
        found = np.array([[0, 0, 40, 40, 0.9, 2]], np.float32)
        figures = sign_report.report([found], [self.truth], {"score_threshold": 0.5})
        self.assertEqual((figures["hits"], figures["ap"]["prohibitory"]), (0, 1))

    def test_the_threshold_is_where_f1_is_best(self):
        found = np.array([[0, 0, 40, 40, 0.6, 1], [300, 300, 330, 330, 0.4, 1]], np.float32)
        chosen = sign_report.choose_thresholds([found], [self.truth])["score_threshold"]
        self.assertTrue(0.4 < chosen <= 0.6)


if __name__ == "__main__":
    unittest.main()
