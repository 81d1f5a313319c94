"""Pictures for the sign networks: road frames with boxes (sign_frames) and crops of single signs (gtsrb).

Everything is held in memory: the frames are 0.25 GB, the crops 0.1 GB.
"""
import collections
import csv
import os
import re

import numpy as np
import torch
from PIL import Image

from .light_data import DataMissing

WIDTH, HEIGHT = 672, 400  # of the network's input: the frames' 680x400, in steps of the coarsest stride
CROP = 48                 # side of the classifier's input

# The three groups of GTSDB; the other eight classes belong to none.
GROUPS = {
    "prohibitory": (0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16),
    "danger": (11, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31),
    "mandatory": (33, 34, 35, 36, 37, 38, 39, 40),
}


class Classes:
    """The classes of gtsrb/classes.csv: `labels` and `shapes` by number; `none` is the number of 'not a sign'."""

    def __init__(self, data):
        rows = [r for r in _rows(os.path.join(data, "gtsrb", "classes.csv")) if int(r["class"]) >= 0]
        self.labels = [label(r["name"]) for r in rows]
        self.shapes = [r["shape"] for r in rows]
        self.none = len(rows)


def label(name):
    """The stable text label of a class: its name without what stands in brackets, with underscores for blanks."""
    return re.sub(r" *\(.*?\)", "", name).strip().lower().replace(" ", "_")


class Frames:
    """images: uint8 [N,3,HEIGHT,WIDTH]; truths: arrays [n,5] x1,y1,x2,y2,class in pixels of them."""

    def __init__(self, folder, rows, boxes):
        pixels, self.truths = [], []
        for row in rows:
            with _open(os.path.join(folder, row["file"])) as image:
                scale = np.array([WIDTH / image.width, HEIGHT / image.height] * 2 + [1], np.float32)
                pixels.append(shrunk(np.asarray(image.convert("RGB")), WIDTH, HEIGHT).transpose(2, 0, 1))
            self.truths.append(np.array(boxes[row["file"]], np.float32).reshape(-1, 5) * scale)
        self.images = torch.from_numpy(np.stack(pixels))

    def __len__(self):
        return len(self.truths)

    def to(self, device):
        """The same frames on a device of PyTorch."""
        self.images = self.images.to(device)
        return self


def shrunk(pixels, width, height):
    """A picture [H,W,3] at most that large already, each new pixel the mean of the area that it covers, as on the car.

    PIL's BOX takes whole pixels, which at 680 to 672 is to leave out some.
    """
    for n in (height, width):  # the rows, then, the picture turned, the columns
        old = len(pixels)
        if old != n:
            edges = np.arange(n + 1) * (old / n)
            whole = np.minimum(edges.astype(int), old - 1)
            before = np.concatenate([np.zeros_like(pixels[:1], np.float64), np.cumsum(pixels, 0, np.float64)])
            sums = before[whole] + (edges - whole)[:, None, None] * pixels[whole]
            pixels = np.diff(sums, axis=0) * (n / old)
        pixels = pixels.swapaxes(0, 1)
    return np.rint(pixels).astype(np.uint8)


def frames(data, split, most=None):
    """The frames of one split of sign_frames; of these the first `most`."""
    folder = os.path.join(data, "sign_frames")
    boxes = collections.defaultdict(list)
    for row in _rows(os.path.join(folder, "boxes.csv")):
        x, y, w, h = (float(row[k]) for k in "xywh")
        boxes[row["file"]].append((x, y, x + w, y + h, int(row["class"])))
    return Frames(folder, [r for r in _rows(os.path.join(folder, "frames.csv")) if r["split"] == split][:most], boxes)


class Crops:
    """images: uint8 [N,3,48,48]; classes: int64 [N], -1 = no sign; signs: float32 [N,4], the sign without margin."""

    def __init__(self, images, classes, signs):
        self.images, self.classes, self.signs = images, classes, signs

    def __len__(self):
        return len(self.classes)

    def to(self, device):
        """The same crops, their pictures on a device of PyTorch."""
        self.images = self.images.to(device)
        return self


def crops(data, split):
    """The crops of one split of gtsrb, those without a sign included."""
    folder = os.path.join(data, "gtsrb")
    rois = {r["file"]: [float(r[k]) for k in ("roi_x1", "roi_y1", "roi_x2", "roi_y2")]
            for r in _rows(os.path.join(folder, "sizes.csv"))}
    rows = [r for r in _rows(os.path.join(folder, "index.csv")) if r["split"] == split]
    pixels = []
    for row in rows:
        with _open(os.path.join(folder, row["file"])) as image:
            pixels.append(np.asarray(image.convert("RGB")).transpose(2, 0, 1))
    signs = [rois.get(r["file"], (0, 0, CROP, CROP)) for r in rows]
    return Crops(torch.from_numpy(np.stack(pixels)), torch.tensor([int(r["class"]) for r in rows]),
                 np.array(signs, np.float32))


def _rows(path):
    try:
        with open(path, newline="") as f:
            return list(csv.DictReader(f))
    except FileNotFoundError:
        raise DataMissing(f"{path} does not exist: --data must name the folder that holds sign_frames/ and gtsrb/ "
                          "(models/train/README.md says from where to rebuild it)") from None


def _open(path):
    try:
        return Image.open(path)
    except FileNotFoundError:
        raise DataMissing(f"{path} does not exist, though the index names it") from None
