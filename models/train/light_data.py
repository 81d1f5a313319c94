"""Photographs for the traffic light detector: cinta (boxes with states) and frames without a light.

Everything is held in memory as 320x240 pixels: about 0.2 GB.
"""
import collections
import csv
import os

import numpy as np
import torch
from PIL import Image

STATES = ("red", "yellow", "green")
WIDTH, HEIGHT = 320, 240

# Stretches of the drives in sign_frames (first and last index) that pass traffic lights, or town streets in which a
# small one may hide, found by looking at every frame. They have no boxes of lights and are no background.
SIGN_FRAMES_WITH_LIGHTS = (
    (25, 62), (79, 81), (91, 91), (102, 103), (113, 118), (129, 137), (143, 143), (152, 162), (170, 175), (194, 214),
    (231, 240), (250, 250), (256, 262), (265, 267), (272, 278), (285, 286), (326, 334), (411, 411), (448, 472),
    (487, 487), (501, 509), (536, 548), (564, 566), (585, 599), (608, 610), (632, 649), (771, 786), (793, 797),
    (800, 819), (822, 836), (841, 852), (865, 865), (888, 898),
)


class DataMissing(Exception):
    """The data folder, or a part of it, is not where --data says."""


class Photos:
    """images: uint8 [N,3,240,320]; truths: arrays [n,5] x1,y1,x2,y2,class; rows: the index's rows as dicts."""

    def __init__(self, folder, rows, truths):
        self.rows, self.truths = rows, truths
        pixels = [_read(os.path.join(folder, row["file"])) for row in rows]
        self.images = torch.from_numpy(np.stack(pixels))

    def __len__(self):
        return len(self.rows)


def cinta(data, split):
    """The frames of one split of cinta with their boxes."""
    folder = os.path.join(data, "traffic_lights")
    truths = collections.defaultdict(list)
    for row in _rows(os.path.join(folder, "cinta", "boxes.csv")):
        x, y, w, h = (float(row[k]) for k in "xywh")
        truths[row["file"]].append((x, y, x + w, y + h, STATES.index(row["state"])))
    rows = [r for r in _rows(os.path.join(folder, "cinta", "frames.csv")) if r["split"] == split]
    return Photos(folder, rows, [_array(truths[r["file"]]) for r in rows])


def background(data, split):
    """Frames without a traffic light.

    Roads of sign_frames, floors before small cars (lanes: f1tenth, robocar), and frames of udacity_site with state
    none.
    """
    signs = [r["file"] for r in _rows(os.path.join(data, "sign_frames", "frames.csv"))
             if r["split"] == split and not _passes_lights(int(r["gtsdb_index"]))]
    lanes = [r["file"] for r in _rows(os.path.join(data, "lanes", "index.csv"))
             if r["split"] == split and r["source"] in ("f1tenth", "robocar")]
    site = [r["file"] for r in _rows(os.path.join(data, "traffic_lights", "udacity_site", "states.csv"))
            if r["split"] == split and r["state"] == "none"]
    rows = [{"file": os.path.join(folder, file)}
            for folder, files in (("sign_frames", signs), ("lanes", lanes), ("traffic_lights", site))
            for file in files]
    return Photos(data, rows, [_array([])] * len(rows))


def _passes_lights(index):
    return any(first <= index <= last for first, last in SIGN_FRAMES_WITH_LIGHTS)


def _rows(path):
    try:
        with open(path, newline="") as f:
            return list(csv.DictReader(f))
    except FileNotFoundError:
        raise DataMissing(f"{path} does not exist: --data must name the folder that holds traffic_lights/, "
                          "sign_frames/ and lanes/ (models/train/README.md says from where to rebuild it)") from None


def _read(path):
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB").resize((WIDTH, HEIGHT), Image.BILINEAR)).transpose(2, 0, 1)
    except FileNotFoundError:
        raise DataMissing(f"{path} does not exist, though the index names it") from None


def _array(boxes):
    return np.array(boxes, np.float32).reshape(-1, 5)
