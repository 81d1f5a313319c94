"""Pictures of lanes with masks: f1tenth, robocar and tape_lap of lanes/, labelled frames of motorways, and pictures
without lanes.

Everything is held in memory as 256x128 pixels: about 0.2 GB.
"""
import csv
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw

from . import light_data
from .light_data import DataMissing

WIDTH, HEIGHT = 256, 128
SOURCES = ("f1tenth", "robocar", "tape_lap", "tape_lap_2024")
ROAD = "road"    # the source name of the motorways' frames
EMPTY = "lights"  # that of pictures without lanes

# The motorways, in pixels of frames of 640x360: where the road ends, and how wide a line is drawn: wider than its paint
# and about as in f1tenth, so that it does not vanish at 256x128.
ROAD_HORIZON = 200
ROAD_LINE_LEAST, ROAD_LINE_A_ROW = 5.0, 0.09
# On which side of the own lane there are more, whose lines are not labelled.
OTHER_LANES = {"road_white_right": "left", "road_cars": "right"}


class Pictures:
    """images: uint8 [N,3,128,256]; masks: uint8 [N,1,128,256], 255 times the share of the pixel that is marked;
    weights: the same shape, 0 where nobody knows, else 1; sources: N names.
    """

    def __init__(self, images, masks, weights, sources):
        self.images, self.masks, self.weights = (torch.from_numpy(np.stack(a)) for a in (images, masks, weights))
        self.sources = sources

    def __len__(self):
        return len(self.sources)

    def to(self, device):
        """The same pictures on a device of PyTorch."""
        self.images, self.masks, self.weights = (part.to(device) for part in (self.images, self.masks, self.weights))
        return self


def lanes(data, split):
    """The pictures of one split of lanes/."""
    folder = os.path.join(data, "lanes")
    rows = [r for r in _rows(os.path.join(folder, "index.csv")) if r["split"] == split]
    masks = [_mask(_open(os.path.join(folder, r["mask"]), "L")) for r in rows]
    return ([_image(_open(os.path.join(folder, r["file"]), "RGB")) for r in rows], masks,
            [np.ones_like(m) for m in masks], [r["source"] for r in rows])


def road(data, labels):
    """The frames of video/ that a file of labels has (models/train/road_lines.csv)."""
    frames = {}
    for row in _rows(labels):
        points = [tuple(float(v) for v in p.split()) for p in row["points"].split(";")]
        frames.setdefault((row["clip"], row["file"]), {})[row["line"]] = points
    images, masks, weights = [], [], []
    for (clip, file), lines in frames.items():
        picture = _open(os.path.join(data, "video", clip, file), "RGB")
        mask, weight = draw_road(lines, picture.size, OTHER_LANES[clip])
        images.append(_image(picture))
        masks.append(_mask(mask))
        weights.append(np.asarray(weight.resize((WIDTH, HEIGHT), Image.NEAREST))[None])
    return images, masks, weights, [ROAD] * len(images)


def without_lanes(data, split):
    """The photographs of traffic lights of one split: mostly walls, poles and sky."""
    photos = light_data.cinta(data, split)
    images = [_image(Image.fromarray(p.numpy().transpose(1, 2, 0))) for p in photos.images]
    mask = np.zeros((1, HEIGHT, WIDTH), np.uint8)
    return images, [mask] * len(images), [np.ones_like(mask)] * len(images), [EMPTY] * len(images)


def draw_road(lines, size, others):
    """Mask and weight (PIL pictures, 8 bit) of a frame with its lines left and right, points (x, y) from below.

    Not labelled, and of weight 0: the lanes on the side `others`, and what lies between the lines' ends and the horizon.
    """
    mask, weight = Image.new("L", size, 0), Image.new("L", size, 1)
    draw = ImageDraw.Draw(mask)
    for points in lines.values():
        for (x1, y1), (x2, y2) in zip(points, points[1:]):
            w1, w2 = _half_width(y1), _half_width(y2)
            draw.polygon([(x1 - w1, y1), (x1 + w1, y1), (x2 + w2, y2), (x2 - w2, y2)], fill=255)
    draw = ImageDraw.Draw(weight)
    edge, away = (0, -1) if others == "left" else (size[0], 1)
    beside = [(x + away * (4 + 2 * _half_width(y)), y) for x, y in lines[others]]
    draw.polygon([(beside[0][0], size[1]), *beside, (edge, beside[-1][1]), (edge, size[1])], fill=0)
    top = max(points[-1][1] for points in lines.values())
    draw.rectangle([(0, ROAD_HORIZON), (size[0], top - 1)], fill=0)
    return mask, weight


def _half_width(y):
    return max(ROAD_LINE_LEAST, ROAD_LINE_A_ROW * (y - ROAD_HORIZON)) / 2


def view(pictures, choices, rng):
    """Random views of the pictures with these indices: scaled, moved, turned, mirrored; before any change of colour.

    Returns images [B,3,H,W] in 0..1, masks in 0..1, and weights, 0 outside of the picture.
    """
    device = pictures.images.device
    choices = torch.from_numpy(np.asarray(choices)).to(device)
    n = len(choices)
    scale = np.exp(rng.uniform(-0.35, 0.25, n))  # of the part that is seen
    aspect = np.exp(rng.uniform(-0.15, 0.15, n))
    mirror = np.where(rng.random(n) < 0.5, -1.0, 1.0)
    angle = np.radians(np.where(rng.random(n) < 0.5, rng.uniform(-8, 8, n), 0))
    cos, sin, ratio = np.cos(angle), np.sin(angle), HEIGHT / WIDTH
    theta = np.zeros((n, 2, 3))
    theta[:, 0, 0], theta[:, 0, 1] = scale * aspect * cos * mirror, -scale * sin * ratio
    theta[:, 1, 0], theta[:, 1, 1] = scale * aspect * sin * mirror / ratio, scale * cos
    theta[:, 0, 2] = rng.uniform(-0.25, 0.25, n)
    theta[:, 1, 2] = rng.uniform(-0.15, 0.15, n)
    theta = torch.tensor(theta, dtype=torch.float32, device=device)
    grid = F.affine_grid(theta, [n, 3, HEIGHT, WIDTH], align_corners=False)
    fill = torch.tensor(rng.random(n), dtype=torch.float32, device=device).view(n, 1, 1, 1)
    images = F.grid_sample(pictures.images[choices].float() / 255 - fill, grid, align_corners=False) + fill
    masks = F.grid_sample(pictures.masks[choices].float() / 255, grid, align_corners=False)
    weights = F.grid_sample(pictures.weights[choices].float(), grid, mode="nearest", align_corners=False)
    return images, masks, weights


def paint(images, masks, rng):
    """Turn the white of marked pixels yellow, in a third of the views: most lines of the motorways are white."""
    share = np.where(rng.random(len(images)) < 1 / 3, rng.uniform(0.3, 1, len(images)), 0)
    bright = ((images.amin(1, keepdim=True) - 0.45) / 0.2).clamp(0, 1)
    share = torch.tensor(share, dtype=torch.float32, device=images.device)
    away = masks * bright * share.view(-1, 1, 1, 1)
    return images * (1 - away * torch.tensor([0.0, 0.2, 0.8], device=images.device).view(1, 3, 1, 1))


def _rows(path):
    try:
        with open(path, newline="") as f:
            return list(csv.DictReader(f))
    except FileNotFoundError:
        raise DataMissing(f"{path} does not exist: --data must name the folder that holds lanes/ and video/ "
                          "(models/train/README.md says from where to rebuild it)") from None


def _open(path, mode):
    try:
        with Image.open(path) as image:
            return image.convert(mode)
    except FileNotFoundError:
        raise DataMissing(f"{path} does not exist, though the index names it") from None


def _image(picture):
    return np.asarray(picture.resize((WIDTH, HEIGHT), Image.BILINEAR)).transpose(2, 0, 1)


def _mask(picture):
    return np.asarray(picture.resize((WIDTH, HEIGHT), Image.BILINEAR))[None]
