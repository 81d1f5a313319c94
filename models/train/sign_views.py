"""Random views for the sign networks: frames with signs pasted in for the detector, crops for the classifier.

Nothing is mirrored: a mirrored sign is another sign, or none.
"""
import math

import numpy as np
import torch
import torch.nn.functional as F

from . import augment
from .boxes import iou_matrix
from .sign_data import CROP

VIEW = (256, 320)            # height and width of what the detector learns from, cut out of a frame
PASTED = 3                   # signs pasted into a frame, at most
PASTED_SIDE = (11.0, 60.0)   # their widths in pixels of the frame
SHARPNESS = (18, 24, 32, 48)  # sides in pixels to which crops are reduced and from which they are enlarged again


class Pasted:
    """Cuts the signs out of crops, each by the shape of its class, and sticks them into frames."""

    def __init__(self, crops, shapes):
        self.crops, self.shapes = crops, shapes
        self.of_class = [np.flatnonzero(crops.classes.numpy() == c) for c in range(len(shapes))]

    def paste(self, frame, truth, rng):
        """A copy of a uint8 frame [3,H,W] with some signs more, and its boxes with theirs."""
        frame, truth = frame.clone(), truth.copy()
        height, width = frame.shape[1:]
        for _ in range(rng.integers(0, PASTED + 1)):
            c = rng.integers(len(self.of_class))
            i = rng.choice(self.of_class[c])
            x1, y1, x2, y2 = self.crops.signs[i]
            side = math.exp(rng.uniform(*np.log(PASTED_SIDE)))
            scale = np.array([side / (x2 - x1), side / (y2 - y1) * math.exp(rng.uniform(-0.08, 0.08))])
            w, h = np.maximum(np.round(scale * CROP), 8).astype(int)
            left, top = rng.integers(-w // 8, width - w), rng.integers(-h // 8, int(height * 0.85) - h)
            box = np.array([x1 * w, y1 * h, x2 * w, y2 * h]) / CROP + (left, top, left, top)
            if len(truth) and iou_matrix(box[None], truth[:, :4]).max() > 0:
                continue
            patch = torch.cat([self.crops.images[i].float(),
                               torch.from_numpy(outline(self.shapes[c], self.crops.signs[i])).to(frame.device)[None] * 255])
            patch = F.interpolate(patch[None], (int(h), int(w)), mode="bilinear", antialias=True)[0]
            ox, oy = max(0, -left), max(0, -top)
            patch = patch[:, oy:, ox:]
            place = frame[:, top + oy:top + h, left + ox:left + w]
            alpha = patch[3] / 255
            light = math.exp(rng.uniform(-0.4, 0.25))
            place.copy_(((patch[:3] * light).clamp(0, 255) * alpha + place * (1 - alpha)).byte())
            truth = np.concatenate([truth, np.append(box, c)[None].astype(np.float32)])
        return frame, truth


def outline(shape, sign):
    """How far each pixel of a crop lies in a sign [48,48], 0 to 1 with a soft edge; sign: x1,y1,x2,y2."""
    x1, y1, x2, y2 = sign
    mx, my = (x1 + x2) / 2, (y1 + y2) / 2
    y, x = np.mgrid[0:CROP, 0:CROP] + np.float32(0.5)
    corners = {"triangle": [(mx, y1), (x2, y2), (x1, y2)], "inverted_triangle": [(x1, y1), (x2, y1), (mx, y2)],
               "diamond": [(mx, y1), (x2, my), (mx, y2), (x1, my)]}.get(shape)
    if corners is None:  # a disc, or nearly
        inside = (1 - np.hypot((x - mx) / (x2 - x1) * 2, (y - my) / (y2 - y1) * 2)) * (x2 - x1) / 2
    else:
        inside = np.full((CROP, CROP), np.inf, np.float32)
        for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1]):
            distance = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / math.hypot(bx - ax, by - ay)
            inside = np.minimum(inside, distance)
    return np.clip(inside + 0.5, 0, 1).astype(np.float32)


def detector_batch(frames, choices, pasted, rng):
    """One batch of views of frames: images [B,3,h,w] in 0..1 and truth as augment.pad makes it."""
    views, boxes = [], []
    for i in choices:
        frame, truth = pasted.paste(frames.images[i], frames.truths[i], rng)
        scale = math.exp(rng.uniform(math.log(0.7), math.log(1.5)))
        view, truth = augment.warp(frame, truth, VIEW, scale, rng, stretch=0.22, mirror=False)
        views.append(view)
        boxes.append(truth)
    return augment.recolour(torch.cat(views), rng), augment.pad(boxes, frames.images.device)


def classifier_batch(images, rng):
    """Turned, scaled, shifted, stretched and blurred views [B,3,48,48] in 0..1 of uint8 crops."""
    n = len(images)
    angle = np.radians(rng.uniform(-12, 12, n))
    scale = np.exp(rng.uniform(-0.2, 0.2, n))
    stretch = np.exp(rng.uniform(-0.12, 0.12, n))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    theta = np.stack([np.stack([cos * stretch, -sin, rng.uniform(-0.2, 0.2, n)], 1),
                      np.stack([sin * stretch, cos, rng.uniform(-0.2, 0.2, n)], 1)], 1)
    theta = torch.tensor(theta, dtype=torch.float32, device=images.device)
    images = images.float() / 255
    grid = F.affine_grid(theta, [n, 3, CROP, CROP], align_corners=False)
    views = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
    parts = []
    for part in views.split(-(-n // 8)):
        side = int(rng.choice(SHARPNESS))
        if side < CROP:
            part = augment.blur(part, side / CROP)
        parts.append(part)
    return augment.recolour(torch.cat(parts), rng)
