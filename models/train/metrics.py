"""Figures for detectors: average precision, state of the largest light, intervals.

Detections of an image are rows x1,y1,x2,y2,score,class; its truth is rows x1,y1,x2,y2,class.
"""
import numpy as np

from .boxes import area, iou_matrix


def match(detections, truth, iou_threshold=0.5):
    """For each detection of one image and one class, by falling score: True where it hits a box not hit before."""
    hit = np.zeros(len(detections), bool)
    if not len(truth) or not len(detections):
        return hit
    iou = iou_matrix(detections[:, :4], truth[:, :4])
    free = np.ones(len(truth), bool)
    for i in np.argsort(-detections[:, 4], kind="stable"):
        j = iou[i].argmax()  # as in PASCAL VOC: only the best box counts
        if iou[i, j] >= iou_threshold and free[j]:
            hit[i], free[j] = True, False
    return hit


def average_precision(scores, hits, n_truth):
    """Area under the precision envelope over all points; nan without truth."""
    if n_truth == 0:
        return float("nan")
    order = np.argsort(-np.asarray(scores), kind="stable")
    hits = np.asarray(hits, float)[order]
    true = np.cumsum(hits)
    recall = np.concatenate([[0.0], true / n_truth])
    precision = true / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall) * envelope).sum())


class ApTable:
    """Matches once, then gives AP for any choice of images, which makes a bootstrap cheap."""

    def __init__(self, detections, truths, n_classes, iou_threshold=0.5):
        self.n_images, self.n_classes = len(truths), n_classes
        self.cells = [[self._cell(d, t, c, iou_threshold) for c in range(n_classes)]
                      for d, t in zip(detections, truths)]

    @staticmethod
    def _cell(detections, truth, c, iou_threshold):
        detections, truth = detections[detections[:, 5] == c], truth[truth[:, 4] == c]
        return detections[:, 4], match(detections, truth, iou_threshold), len(truth)

    def ap(self, images=None):
        """AP per class over the images with these indices (all by default; an index may come twice)."""
        rows = self.cells if images is None else [self.cells[i] for i in images]
        result = []
        for c in range(self.n_classes):
            scores = np.concatenate([r[c][0] for r in rows])
            hits = np.concatenate([r[c][1] for r in rows])
            result.append(average_precision(scores, hits, sum(r[c][2] for r in rows)))
        return np.array(result)

    def intervals(self, rounds=1000, seed=0):
        """95 % bootstrap intervals over images: rows of (low, high), one a class, then one for the mean."""
        rng = np.random.default_rng(seed)
        draws = np.array([self.ap(rng.integers(0, self.n_images, self.n_images)) for _ in range(rounds)])
        draws = np.column_stack([draws, np.nanmean(draws, 1)])
        return np.nanpercentile(draws, [2.5, 97.5], axis=0).T

    def counts(self, score_threshold):
        """Hits, detections and boxes at an operating point, all classes together."""
        cells = [cell for row in self.cells for cell in row]
        hits = sum(int((h & (s >= score_threshold)).sum()) for s, h, _ in cells)
        found = sum(int((s >= score_threshold).sum()) for s, _, _ in cells)
        return hits, found, sum(n for _, _, n in cells)


def largest_state(boxes, threshold=0.0):
    """Class of the largest box among rows of detections (score at least threshold) or of truth; None without one."""
    if boxes.shape[1] == 6:
        boxes = boxes[boxes[:, 4] >= threshold]
    return int(boxes[area(boxes).argmax(), -1]) if len(boxes) else None


def wilson(k, n, z=1.96):
    """95 % interval of a share k of n."""
    if n == 0:
        return 0.0, 1.0
    p = k / n
    middle, spread = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)


def interval(value, n, rounds=1000, seed=0):
    """95 % bootstrap interval of value(indices), a figure of some of n pictures; an index may come twice."""
    rng = np.random.default_rng(seed)
    draws = [value(rng.integers(0, n, n)) for _ in range(rounds)]
    return tuple(float(v) for v in np.nanpercentile(draws, [2.5, 97.5]))


def figure(value, span, count):
    """A share with its 95 % interval and the number of pictures, as the manifest has it."""
    low, high = span
    return {"value": round(float(value), 5), "low": round(float(low), 5), "high": round(float(high), 5), "count": count}


def temperature(scores, hits):
    """The number by which logits are to be divided so that the scores are shares of hits (Guo et al., ICML 2017).

    Least cross entropy, among 0.05 to 4 by hundredths; 1 where there is nothing to learn from.
    """
    scores, hits = np.clip(np.asarray(scores, float), 1e-6, 1 - 1e-6), np.asarray(hits, float)
    if not len(scores):
        return 1.0
    logits = np.log(scores / (1 - scores))

    def entropy(t):
        return np.mean(np.logaddexp(0, logits / t) - hits * logits / t)
    return float(min(np.round(np.arange(0.05, 4.01, 0.01), 2), key=entropy))


def detector_temperature(detections, truths, n_classes, least=0.05):
    """temperature of a detector's detections with scores of at least `least`: which of them hit?"""
    cells = [cell for row in ApTable(detections, truths, n_classes).cells for cell in row]
    scores = np.concatenate([c[0] for c in cells])
    hits = np.concatenate([c[1] for c in cells])
    return temperature(scores[scores >= least], hits[scores >= least])
