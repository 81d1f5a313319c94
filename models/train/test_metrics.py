"""python3 -m unittest train.test_metrics, in models/."""
import unittest

import numpy as np

from .boxes import iou_matrix, nms
from .metrics import ApTable, average_precision, largest_state, match, wilson

BOX = [10.0, 10.0, 30.0, 50.0]
FAR = [100.0, 100.0, 120.0, 150.0]


def rows(*items, width):
    return np.array(items, np.float32).reshape(-1, width)


class AveragePrecision(unittest.TestCase):
    def test_perfect_predictions_give_one_for_every_class(self):
        truths = [rows([*BOX, 0], [*FAR, 2], width=5), rows([*BOX, 1], width=5)]
        found = [rows([*BOX, 0.9, 0], [*FAR, 0.8, 2], width=6), rows([*BOX, 0.3, 1], width=6)]
        np.testing.assert_allclose(ApTable(found, truths, 3).ap(), [1, 1, 1])

    def test_known_case_of_five_detections_and_four_boxes(self):
        # Precision 1, 1/2, 2/3, 3/4, 3/5 at recall 1/4, 1/4, 1/2, 3/4, 3/4; envelope 1, 3/4, 3/4 over the steps.
        ap = average_precision([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0], 4)
        self.assertAlmostEqual(ap, 0.25 * (1 + 0.75 + 0.75))

    def test_order_of_the_detections_does_not_matter(self):
        self.assertAlmostEqual(average_precision([0.6, 0.9, 0.8], [1, 1, 0], 2),
                               average_precision([0.9, 0.8, 0.6], [1, 0, 1], 2))

    def test_without_detections_it_is_zero_and_without_boxes_undefined(self):
        self.assertEqual(average_precision([], [], 3), 0.0)
        self.assertTrue(np.isnan(average_precision([0.5], [0], 0)))

    def test_right_box_with_the_wrong_state_counts_for_neither(self):
        table = ApTable([rows([*BOX, 0.9, 1], width=6)], [rows([*BOX, 0], width=5)], 3)
        self.assertEqual(table.ap()[0], 0.0)
        self.assertEqual(table.counts(0.5), (0, 1, 1))

    def test_interval_of_perfect_predictions_is_one(self):
        truths = [rows([*BOX, 0], width=5)] * 4
        found = [rows([*BOX, 0.9, 0], width=6)] * 4
        np.testing.assert_allclose(ApTable(found, truths, 1).intervals(50), [[1, 1], [1, 1]])


class Matching(unittest.TestCase):
    def test_second_detection_of_a_box_is_a_miss(self):
        found = rows([*BOX, 0.5, 0], [*BOX, 0.9, 0], width=6)
        self.assertEqual(match(found, rows([*BOX, 0], width=5)).tolist(), [False, True])

    def test_overlap_of_a_third_is_a_miss(self):
        found = rows([20.0, 10.0, 40.0, 50.0, 0.9, 0], width=6)
        self.assertEqual(match(found, rows([*BOX, 0], width=5)).tolist(), [False])


class Boxes(unittest.TestCase):
    def test_iou_of_equal_half_covered_and_far_boxes(self):
        iou = iou_matrix(rows(BOX, width=4), rows(BOX, [20, 10, 40, 50], FAR, width=4))
        np.testing.assert_allclose(iou, [[1, 1 / 3, 0]])

    def test_suppression_keeps_the_best_of_those_that_overlap(self):
        boxes = rows([11, 10, 31, 50], BOX, FAR, width=4)
        self.assertEqual(nms(boxes, np.array([0.5, 0.9, 0.7]), 0.5).tolist(), [1, 2])


class LargestState(unittest.TestCase):
    def test_class_of_the_largest_box_over_the_threshold(self):
        found = rows([*BOX, 0.9, 2], [*FAR, 0.6, 1], width=6)
        self.assertEqual(largest_state(found, 0.5), 1)
        self.assertEqual(largest_state(found, 0.7), 2)
        self.assertIsNone(largest_state(found, 0.95))
        self.assertEqual(largest_state(rows([*BOX, 0], [*FAR, 2], width=5)), 2)


class Intervals(unittest.TestCase):
    def test_wilson_of_ninety_in_a_hundred(self):
        low, high = wilson(90, 100)
        self.assertAlmostEqual(low, 0.8256, 3)
        self.assertAlmostEqual(high, 0.9448, 3)
        self.assertLess(wilson(10, 10)[0], 0.8)
        self.assertGreater(wilson(10, 10)[1], 0.999)


if __name__ == "__main__":
    unittest.main()
