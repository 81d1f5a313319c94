"""python3 -m unittest train.test_lane, in models/."""
import contextlib
import csv
import io
import os
import tempfile
import unittest

import numpy as np
import torch
from PIL import Image

from . import command, lane, lane_data, lane_report, segment
from .lane_data import HEIGHT, WIDTH


def pictures(n=3, source="robocar"):
    """Dark pictures with a white stripe each, and the stripe as mask."""
    image, mask = np.full((3, HEIGHT, WIDTH), 60, np.uint8), np.zeros((1, HEIGHT, WIDTH), np.uint8)
    image[:, 40:, 100:120], mask[:, 40:, 100:120] = 255, 255
    return lane_data.Pictures([image] * n, [mask] * n, [np.ones_like(mask)] * n, [source] * n)


class Views(unittest.TestCase):
    def test_masks_stay_on_what_they_show(self):
        stripes = pictures()
        for seed in range(10):
            images, masks, weights = lane_data.view(stripes, [0, 1, 2], np.random.default_rng(seed))
            self.assertEqual(images.shape, (3, 3, HEIGHT, WIDTH))
            sure = (weights > 0) & ((masks < 0.01) | (masks > 0.99))
            white = images.amin(1, keepdim=True) > 0.9
            self.assertGreater(float((white == (masks > 0.5))[sure].float().mean()), 0.999)
            self.assertTrue(0 <= float(images.min()) and float(images.max()) <= 1.0001)

    def test_they_depend_on_the_seed_alone(self):
        stripes = pictures()
        def make(seed):
            return lane_data.view(stripes, [0, 1], np.random.default_rng(seed))[0]
        torch.testing.assert_close(make(1), make(1))
        self.assertFalse(torch.equal(make(1), make(2)))


class Road(unittest.TestCase):
    LINES = {"left": [(100, 359), (200, 290), (300, 221)], "right": [(560, 359), (460, 290), (360, 221)]}

    def test_lines_are_drawn_and_what_is_not_labelled_does_not_count(self):
        mask, weight = (np.asarray(p) for p in lane_data.draw_road(self.LINES, (640, 360), "left"))
        for points in self.LINES.values():
            for x, y in points:
                self.assertEqual(mask[min(y, 358), x], 255)
                self.assertEqual(weight[y, x], 1)
        self.assertEqual(mask[300, 330], 0)
        self.assertEqual(weight[300, 330], 1)
        self.assertEqual(weight[340, 20], 0)   # another lane
        self.assertEqual(weight[210, 330], 0)  # beyond the lines' ends
        self.assertEqual(weight[100, 330], 1)  # the sky
        _, weight = (np.asarray(p) for p in lane_data.draw_road(self.LINES, (640, 360), "right"))
        self.assertEqual((weight[340, 20], weight[340, 620]), (1, 0))

    def test_only_bright_paint_turns_yellow(self):
        images, masks = torch.full((9, 3, 4, 4), 0.9), torch.zeros(9, 1, 4, 4)
        images[..., 1], masks[..., :2] = 0.3, 1
        painted = lane_data.paint(images, masks, np.random.default_rng(1))
        self.assertTrue(0 < (painted[:, 2, 0, 0] < 0.8).sum() < 9)
        torch.testing.assert_close(painted[:, 0], images[:, 0])
        torch.testing.assert_close(painted[..., 1:], images[..., 1:])

    def test_the_labels_in_the_repository_are_of_the_first_half(self):
        with open(lane.ROAD_LABELS, newline="") as f:
            rows = list(csv.DictReader(f))
        self.assertEqual(len(rows), 52)
        for row in rows:
            if row["clip"] == "road_white_right":
                self.assertLess(int(row["file"][:5]), 110)
            points = [tuple(float(v) for v in p.split()) for p in row["points"].split(";")]
            self.assertGreaterEqual(len(points), 2)
            rows_of_points = [y for _, y in points]
            self.assertEqual(rows_of_points, sorted(rows_of_points, reverse=True))


class Figures(unittest.TestCase):
    def test_iou_and_f1_with_a_tolerance(self):
        truth = torch.zeros(1, 1, 20, 40, dtype=torch.bool)
        truth[..., 10] = True
        for shift, iou, f1 in ((0, 1.0, 1.0), (3, 0.0, 1.0), (4, 0.0, 0.0)):
            got = lane_report.figures(lane_report.counts(truth.roll(shift, 3), truth))
            self.assertEqual((got["iou"], got["f1"]), (iou, f1))
        both = lane_report.figures(lane_report.counts(truth | truth.roll(20, 3), truth))
        self.assertEqual(both["iou"], 0.5)
        self.assertAlmostEqual(both["f1"], 2 / 3)

    def test_unknown_pixels_do_not_count(self):
        stripes = pictures(1)
        stripes.weights[..., :60] = 0
        found = stripes.masks.float() / 255
        found[..., :50] = 1
        self.assertEqual(lane_report.report(found, stripes, 0.5)["robocar"]["iou"], 1.0)

    def test_the_threshold_is_the_best(self):
        stripes = pictures(1)
        found = torch.where(stripes.masks > 0, 0.62, 0.58)
        self.assertAlmostEqual(lane_report.choose_threshold(found, stripes), 0.6)


class Learning(unittest.TestCase):
    def test_pixels_of_no_weight_change_nothing(self):
        logits = torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(1))
        target, weight = torch.zeros(1, 1, 8, 8), torch.ones(1, 1, 8, 8)
        target[..., 2], weight[..., 5] = 1, 0
        other = target.clone()
        other[..., 5] = 1
        self.assertEqual(float(segment.loss(logits, target, weight)), float(segment.loss(logits, other, weight)))

    def test_levels_grow_with_width_and_depth(self):
        levels = [lane.new_model(*level) for level in ((0.25, 0.5, 2), (0.5, 0.5, 2), (0.5, 1, 3), (1, 1))]
        sizes = [sum(p.numel() for p in m.parameters() if p.requires_grad) for m in levels]
        self.assertEqual(sizes, sorted(set(sizes)))
        for level in levels:
            self.assertEqual(level(torch.zeros(1, 3, HEIGHT, WIDTH)).shape, (1, 1, HEIGHT, WIDTH))

    def test_an_epoch_has_each_source_in_its_share(self):
        mixed = pictures(5)
        mixed.sources = ["f1tenth", "robocar", "tape_lap", "road", "lights"]
        steps, batches = lane.training_batches(mixed, smoke=False)(np.random.default_rng(1), 0)
        self.assertEqual(steps, sum(lane.AN_EPOCH.values()) // lane.BATCH)
        self.assertEqual([tuple(part.shape[:2]) for part in next(batches)], [(16, 3), (16, 1), (16, 1)])


class CommandLine(unittest.TestCase):
    def test_folders_follow_the_level(self):
        args = command.arguments("lane", "", "lanes/", 40, ["--data", "x", "--width", "0.5"])
        self.assertTrue(args.work.endswith(os.path.join("out", "train", "lane", "w50")))
        self.assertTrue(args.out.endswith(os.path.join("models", "lane")))
        smoke = command.arguments("lane", "", "lanes/", 40, ["--data", "x", "--smoke"])
        self.assertEqual((smoke.epochs, smoke.out), (1, smoke.work))

    def test_weights_to_start_with_are_for_those_who_take_them(self):
        args = command.arguments("lane", "", "lanes/", 40, ["--data", "x", "--start", "final.pt"], start=True)
        self.assertEqual(args.start, "final.pt")
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            command.arguments("sign", "", "lanes/", 40, ["--data", "x", "--start", "final.pt"])

    def test_what_is_missing_is_said(self):
        with tempfile.TemporaryDirectory() as empty:
            with self.assertRaisesRegex(lane_data.DataMissing, "index.csv"):
                lane_data.lanes(empty, "train")
            os.makedirs(os.path.join(empty, "lanes"))
            with open(os.path.join(empty, "lanes", "index.csv"), "w") as f:
                f.write("file,mask,split,source\na.jpg,a.png,train,robocar\n")
            Image.new("L", (4, 4)).save(os.path.join(empty, "lanes", "a.png"))
            with self.assertRaisesRegex(lane_data.DataMissing, "a.jpg"):
                lane_data.lanes(empty, "train")


if __name__ == "__main__":
    unittest.main()
