"""Figures of the sign network, and its threshold. Signs narrower than MIN_WIDTH and detections on them are ignored."""
import numpy as np
import torch

from .boxes import iou_matrix
from .metrics import ApTable
from .sign_data import GROUPS, WIDTH

IOU_THRESHOLD = 0.5            # of the suppression, and of a hit
MIN_WIDTH = 16 * WIDTH / 680  # 16 pixels of the frames as they are stored
CANDIDATES = np.arange(0.1, 0.9, 0.01)


def set_small_aside(detections, truth):
    """Without the small signs of a frame, and without the detections that fit a small one best."""
    small = truth[:, 2] - truth[:, 0] < MIN_WIDTH
    if small.any() and len(detections):
        iou = iou_matrix(detections[:, :4], truth[:, :4])
        best = iou.argmax(1)
        on_small = small[best] & (iou.max(1) >= IOU_THRESHOLD)
        detections = detections[~on_small]
    return detections, truth[~small]


def found_share(proposals, truths):
    """Share of the signs, small ones left out, that some candidate fits."""
    hits = [(iou_matrix(t[:, :4], p[:, :4]).max(1) >= IOU_THRESHOLD)[t[:, 2] - t[:, 0] >= MIN_WIDTH]
            for p, t in zip(proposals, truths) if len(t)]
    return float(np.concatenate(hits).mean())


@torch.no_grad()
def top1(classifier, crops):
    """Which crops with a sign are classed right; 'not a sign' is wrong too."""
    rows = torch.nonzero(crops.classes >= 0).flatten()
    said = torch.cat([classifier(crops.images[part].float() / 255).argmax(1).cpu() for part in rows.split(256)])
    return (said == crops.classes[rows]).float().numpy()


def micro_f1(table, threshold):
    """F1 of all detections and signs together."""
    hits, detections, boxes = table.counts(threshold)
    return 2 * hits / max(1, detections + boxes)


def f1_of(found, truths, threshold):
    """micro_f1 of the frames with some indices, as a function of these."""
    pairs = [set_small_aside(d, t) for d, t in zip(found, truths)]
    rows = np.array([ApTable([d], [t], 43, IOU_THRESHOLD).counts(threshold) for d, t in pairs])

    def value(indices):
        hits, detections, boxes = rows[indices].sum(0)
        return float(2 * hits / max(1, detections + boxes))
    return value


def choose_thresholds(found, truths):
    """score_threshold has the best micro F1 of right boxes and classes."""
    pairs = [set_small_aside(d, t) for d, t in zip(found, truths)]
    table = ApTable([d for d, _ in pairs], [t for _, t in pairs], 43, IOU_THRESHOLD)
    best = max(CANDIDATES, key=lambda c: micro_f1(table, c))
    return {"score_threshold": round(float(best), 2), "iou_threshold": IOU_THRESHOLD}


def report(found, truths, thresholds):
    """All figures as plain numbers."""
    pairs = [set_small_aside(d, t) for d, t in zip(found, truths)]
    found, truths = [d for d, _ in pairs], [t for _, t in pairs]
    table = ApTable(found, truths, 43, IOU_THRESHOLD)
    hits, detections, boxes = table.counts(thresholds["score_threshold"])
    of_class = {c: i for i, classes in enumerate(GROUPS.values()) for c in classes}

    def grouped(rows):
        rows = rows.copy()
        rows[:, -1] = [of_class.get(int(c), len(GROUPS)) for c in rows[:, -1]]
        return rows

    groups = ApTable([grouped(d) for d in found], [grouped(t) for t in truths], len(GROUPS), IOU_THRESHOLD).ap()
    one = [np.column_stack([r[:, :-1], np.zeros(len(r))]) for r in found], \
          [np.column_stack([r[:, :-1], np.zeros(len(r))]) for r in truths]
    return {"frames": len(truths), "signs": boxes, "hits": hits, "detections": detections,
            "micro_f1": micro_f1(table, thresholds["score_threshold"]),
            "ap": dict(zip(GROUPS, groups.tolist())), "map": float(np.nanmean(groups)),
            "any_sign_ap": float(ApTable(*one, 1, IOU_THRESHOLD).ap()[0])}


def describe(figures):
    """The figures as lines of text."""
    ap = ", ".join(f"{k} {v:.3f}" for k, v in figures["ap"].items())
    text = (f"  {figures['frames']} frames, {figures['signs']} signs: micro F1 {figures['micro_f1']:.3f} "
            f"({figures['hits']} right of {figures['detections']} detections)\n"
            f"  AP {figures['map']:.3f} ({ap}); whatever the class {figures['any_sign_ap']:.3f}")
    return text + (f"\n  crops: top-1 {figures['crops']:.4f}" if "crops" in figures else "")
