"""Figures for lane segmentation: IoU, and F1 with a tolerance of some pixels, each by source.

Counts are summed over pictures before they are divided. A pixel is marked from a probability, or a share, on.
"""
import numpy as np
import torch
import torch.nn.functional as F

TOLERANCE = 3  # pixels of 256x128
MARKED = 0.5   # share of a pixel in the truth
THRESHOLDS = np.round(np.arange(0.3, 0.71, 0.05), 2)

# What the project wants, and so what the threshold is chosen for: source and figure.
WANTED = (("robocar", "iou"), ("tape_lap", "iou"), ("f1tenth", "f1"))


def near(marked, reach=TOLERANCE):
    """Of marked [B,1,H,W] (bool), the pixels that have a marked one at a distance of at most `reach`."""
    span = torch.arange(-reach, reach + 1)
    disc = ((span[:, None] ** 2 + span[None] ** 2) <= reach * reach).float()
    return F.conv2d(marked.float(), disc[None, None], padding=reach) > 0.5


def counts(found, truth):
    """Rows of a picture each: both, either, found, found near truth, truth, truth near found (pixels)."""
    def pixels(x):
        return x.flatten(1).sum(1)
    return torch.stack([pixels(found & truth), pixels(found | truth), pixels(found), pixels(found & near(truth)),
                        pixels(truth), pixels(truth & near(found))], 1).numpy().astype(np.int64)


def figures(rows):
    """IoU and F1 of rows of counts."""
    both, either, found, found_near, truth, truth_near = rows.sum(0)
    precision, recall = found_near / max(found, 1), truth_near / max(truth, 1)
    return {"iou": float(both / max(either, 1)), "f1": float(2 * precision * recall / max(precision + recall, 1e-9))}


def rows_and_sources(probabilities, pictures, threshold):
    """Rows of counts and the source of each, of probabilities [N,1,H,W]; unknown pixels count as unmarked in both."""
    known = pictures.weights > 0
    rows = counts((probabilities >= threshold) & known, (pictures.masks.float() / 255 >= MARKED) & known)
    return rows, np.array(pictures.sources)


def report(probabilities, pictures, threshold):
    """Figures by source. probabilities: [N,1,H,W] of the pictures; unknown pixels count as unmarked in both."""
    rows, sources = rows_and_sources(probabilities, pictures, threshold)
    return {s: {**figures(rows[sources == s]), "pictures": int((sources == s).sum())} for s in dict.fromkeys(sources)}


def quality(probabilities, pictures, threshold):
    """Mean of the wanted figures, and its 95 % bootstrap interval over the pictures of each source."""
    rows, sources = rows_and_sources(probabilities, pictures, threshold)
    own = [(rows[sources == source], figure) for source, figure in WANTED if (sources == source).any()]
    rng = np.random.default_rng(0)
    draws = [np.mean([figures(part[rng.integers(0, len(part), len(part))])[figure] for part, figure in own])
             for _ in range(1000)]
    value = float(np.mean([figures(part)[figure] for part, figure in own]))
    return value, tuple(float(v) for v in np.percentile(draws, [2.5, 97.5]))


def choose_threshold(probabilities, pictures):
    """The threshold with the best mean of the wanted figures."""
    def quality(threshold):
        found = report(probabilities, pictures, threshold)
        return np.mean([found[source][figure] for source, figure in WANTED if source in found])
    return float(max(THRESHOLDS, key=quality))


def describe(found):
    """One line a source."""
    return "\n".join(f"  {s}: IoU {f['iou']:.3f}, F1 at {TOLERANCE} px {f['f1']:.3f}, {f['pictures']} pictures"
                     for s, f in found.items())
