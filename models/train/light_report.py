"""Figures of the traffic light detector, and its thresholds."""
import numpy as np

from .light_data import STATES
from .metrics import ApTable, largest_state, wilson

IOU_THRESHOLD = 0.5  # of the suppression, and of a hit
CANDIDATES = np.arange(0.1, 0.8, 0.01)


def choose_thresholds(found, photos, found_empty):
    """Operating point from validation data: metadata of the model.

    score_threshold has the best F1 of the detections (right box and state). state_threshold, not below it, has the
    best mean of two shares: right states of the photographs, and frames without a light of which no state is told.
    """
    table = ApTable(found, photos.truths, len(STATES), IOU_THRESHOLD)

    def f1(threshold):
        hits, detections, boxes = table.counts(threshold)
        return 2 * hits / max(1, detections + boxes)

    def state_share(threshold):
        right = np.mean([largest_state(d, threshold) == largest_state(t) for d, t in zip(found, photos.truths)])
        return right + np.mean([largest_state(d, threshold) is None for d in found_empty])

    score = max(CANDIDATES, key=f1)
    state = max(CANDIDATES[CANDIDATES >= score], key=state_share)
    return {"score_threshold": round(float(score), 2), "state_threshold": round(float(state), 2),
            "iou_threshold": IOU_THRESHOLD}


def report(found, photos, found_empty=(), thresholds=None, rounds=1000):
    """All figures as plain numbers. rounds=0: no intervals; no thresholds: state at 0.3, no operating point."""
    result = _figures(found, photos, thresholds, rounds)
    plain = [i for i, row in enumerate(photos.rows) if row["augmented"] == "0"]
    if thresholds:
        subset = type("Subset", (), {"truths": [photos.truths[i] for i in plain]})
        result["unaltered"] = _figures([found[i] for i in plain], subset, thresholds, rounds)
        result["background"] = {
            "frames": len(found_empty),
            "with_detection": sum(bool((d[:, 4] >= thresholds["score_threshold"]).any()) for d in found_empty),
            "with_state": sum(largest_state(d, thresholds["state_threshold"]) is not None for d in found_empty)}
    return result


def _figures(found, photos, thresholds, rounds):
    table = ApTable(found, photos.truths, len(STATES), IOU_THRESHOLD)
    ap = table.ap()
    result = {"photos": len(photos.truths), "ap": dict(zip(STATES, ap.tolist())), "map": float(np.nanmean(ap)),
              "boxes": {s: int(sum((t[:, 4] == c).sum() for t in photos.truths)) for c, s in enumerate(STATES)}}
    limit = thresholds["state_threshold"] if thresholds else 0.3
    pairs = [(largest_state(d, limit), largest_state(t)) for d, t in zip(found, photos.truths) if len(t)]
    right = sum(a == b for a, b in pairs)
    result["state"] = {"right": right, "of": len(pairs), "share": right / len(pairs),
                       "unknown": sum(a is None for a, _ in pairs), "interval": wilson(right, len(pairs))}
    if rounds:
        result["intervals"] = dict(zip((*STATES, "map"), table.intervals(rounds).tolist()))
    if thresholds:
        hits, detections, boxes = table.counts(thresholds["score_threshold"])
        result["point"] = {"hits": hits, "detections": detections, "boxes": boxes}
    return result


def describe(figures):
    """The figures as lines of text."""
    lines = []
    for name, part in (("all", figures), ("augmented=0", figures["unaltered"])):
        span = part["intervals"]
        ap = ", ".join(f"{s} {part['ap'][s]:.3f} [{span[s][0]:.3f}, {span[s][1]:.3f}] ({part['boxes'][s]} boxes)"
                       for s in STATES)
        state, point = part["state"], part["point"]
        lines += [f"  {name}, {part['photos']} photographs",
                  f"    mAP {part['map']:.3f} [{span['map'][0]:.3f}, {span['map'][1]:.3f}]; {ap}",
                  f"    state of the largest {state['right']}/{state['of']} = {state['share']:.3f} "
                  f"[{state['interval'][0]:.3f}, {state['interval'][1]:.3f}], {state['unknown']} unknown",
                  f"    at score_threshold: {point['hits']} right of {point['detections']} detections, "
                  f"{point['boxes']} boxes"]
    empty = figures["background"]
    lines.append(f"  without a light, {empty['frames']} frames: {empty['with_detection']} with a detection, "
                 f"{empty['with_state']} with a state")
    return "\n".join(lines)
