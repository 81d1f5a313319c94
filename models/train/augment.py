"""Random views of labelled photographs: cut, scale, turn, mirror, mosaic, light, colour, blur, noise.

Pure torch, so that it runs where the images are. Hue hardly moves: colour is the class.
"""
import math

import numpy as np
import torch
import torch.nn.functional as F

MOSAIC_SHARE = 0.5
MIN_VISIBLE = 0.4  # share of a box that must stay in view
MIN_SIDE = 3.0     # pixels
BLURRED_SHARE = 0.2
LEAST_SHARP = 0.3  # side to which a blurred view is reduced at most, as a share of its own
TURN, SHEAR = 15.0, 10.0  # degrees, at most, in half of the views
MARGIN = 0.1       # how far a view may reach over the edge of what it looks at, as a share of that


def batch(images, truths, choices, rng, spare):
    """Make one padded training batch.

    images: uint8 [N,3,H,W]; truths: arrays [n,5] x1,y1,x2,y2,class; choices: indices, one an output;
    rng: numpy Generator; spare: function returning an index, for the other tiles of a mosaic.
    Returns images [B,3,H,W] in 0..1 and truth (boxes [B,M,4], labels [B,M], valid [B,M]).
    """
    views, boxes = [], []
    for i in choices:
        if rng.random() < MOSAIC_SHARE:
            canvas, truth = mosaic(images, truths, [i, spare(), spare(), spare()], rng)
            scale = math.exp(rng.uniform(math.log(0.5), math.log(1.25)))
        else:
            canvas, truth = images[i], truths[i]
            scale = math.exp(rng.uniform(math.log(0.6), math.log(1.8)))
        view, truth = warp(canvas, truth, images.shape[2:], scale, rng, turn=TURN, shear=SHEAR)
        if rng.random() < BLURRED_SHARE:
            view = blur(view, rng.uniform(LEAST_SHARP, 1))
        views.append(view)
        boxes.append(truth)
    return recolour(torch.cat(views), rng), pad(boxes, images.device)


def mosaic(images, truths, tiles, rng):
    """Two by two photographs as one canvas, in random order."""
    height, width = images.shape[2:]
    tiles = [tiles[k] for k in rng.permutation(4)]
    canvas = torch.cat([torch.cat([images[tiles[0]], images[tiles[1]]], 2),
                        torch.cat([images[tiles[2]], images[tiles[3]]], 2)], 1)
    shifts = ((0, 0), (width, 0), (0, height), (width, height))
    return canvas, np.concatenate([truths[t] + np.array([x, y, x, y, 0], np.float32)
                                   for t, (x, y) in zip(tiles, shifts)])


def blur(views, share):
    """Views as they look when they were reduced to a share of their sides and enlarged again."""
    height, width = views.shape[2:]
    small = F.interpolate(views, (int(height * share), int(width * share)), mode="bilinear", antialias=True)
    return F.interpolate(small, (height, width), mode="bilinear")


def warp(canvas, truth, size, scale, rng, stretch=0.12, mirror=True, turn=5.0, shear=0.0):
    """One random affine view [1,3,H,W] in 0..1 of a uint8 canvas, and its boxes, clipped.

    stretch: most that the scales of width and height differ, as a logarithm; turn, shear: degrees, at most, in half of
    the views.
    """
    height, width = size
    c_height, c_width = canvas.shape[1:]
    sx, sy = scale * math.exp(rng.uniform(-stretch, stretch)), scale
    if mirror and rng.random() < 0.5:
        sx = -sx
    turned = rng.random() < 0.5
    angle, lean_x, lean_y = (math.radians(rng.uniform(-most, most)) * turned for most in (turn, shear, shear))
    whole, seen = np.array([c_width, c_height]), np.array([width, height]) / scale
    low = np.minimum(seen, whole) / 2 - MARGIN * whole
    centre = rng.uniform(low, whole - low)
    if len(truth) and rng.random() < 0.5:  # look at a box rather than at a random place
        box = truth[rng.integers(len(truth)), :4]
        centre = np.clip((box[:2] + box[2:]) / 2 + rng.uniform(-0.4, 0.4, 2) * seen, low, whole - low)
    cos, sin = math.cos(angle), math.sin(angle)
    # From output pixels (about the middle) to canvas pixels (about `centre`), and back.
    lean = np.array([[1, math.tan(lean_x)], [math.tan(lean_y), 1]])
    to_canvas = np.array([[cos, -sin], [sin, cos]]) @ lean / (sx, sy)
    to_output = np.linalg.inv(to_canvas)

    norm = np.array([2 / c_width, 2 / c_height])
    theta = np.column_stack([to_canvas * norm[:, None] * np.array([width / 2, height / 2]), centre * norm - 1])
    grid = F.affine_grid(torch.tensor(theta[None], dtype=torch.float32, device=canvas.device),
                         [1, 3, height, width], align_corners=False)
    fill = float(rng.random())
    view = F.grid_sample(canvas[None].float() / 255 - fill, grid, align_corners=False) + fill

    if not len(truth):
        return view, truth
    corners = truth[:, [0, 1, 2, 1, 0, 3, 2, 3]].reshape(-1, 4, 2) - centre
    corners = corners @ to_output.T + (width / 2, height / 2)
    low, high = corners.min(1), corners.max(1)
    full = (high - low).prod(1)
    low, high = np.clip(low, 0, (width, height)), np.clip(high, 0, (width, height))
    sides = high - low
    kept = (sides.prod(1) >= MIN_VISIBLE * full) & (sides.min(1) >= MIN_SIDE)
    return view, np.column_stack([low, high, truth[:, 4]])[kept].astype(np.float32)


def recolour(x, rng):
    """Change light, contrast, saturation, white balance, sharpness and noise, each image its own way."""
    n = len(x)

    def draw(low, high, share=1.0):
        values = np.where(rng.random(n) < share, rng.uniform(low, high, n), (low + high) / 2)
        return torch.tensor(values, dtype=torch.float32, device=x.device).view(n, 1, 1, 1)

    x = x.clamp(0, 1) ** torch.exp(draw(-0.4, 0.4, 0.6))
    x = x * torch.exp(draw(-0.35, 0.35))
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * torch.exp(draw(-0.4, 0.4)) + mean
    grey = x.mean(1, keepdim=True)
    x = (x - grey) * torch.exp(draw(-0.4, 0.4)) + grey
    x = x * torch.exp(torch.cat([draw(-0.08, 0.08), draw(-0.05, 0.05), draw(-0.08, 0.08)], 1))
    soft = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    x = x + draw(-1.0, 1.0, 0.5) * (soft - x)  # from a sharper picture to a blurred one
    generator = torch.Generator(device=x.device).manual_seed(int(rng.integers(2**31)))
    noise = torch.randn(x.shape, generator=generator, device=x.device)
    return (x + noise * draw(-0.04, 0.04, 0.5).abs()).clamp(0, 1)


def pad(truths, device):
    """Arrays [n,5] as tensors (boxes, labels, valid) with one row at least."""
    most = max(1, max(len(t) for t in truths))
    boxes = np.zeros((len(truths), most, 4), np.float32)
    labels = np.zeros((len(truths), most), np.int64)
    valid = np.zeros((len(truths), most), bool)
    for i, t in enumerate(truths):
        boxes[i, :len(t)], labels[i, :len(t)], valid[i, :len(t)] = t[:, :4], t[:, 4], True
    return tuple(torch.from_numpy(a).to(device) for a in (boxes, labels, valid))
