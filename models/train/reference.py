"""Writes what PyTorch computes, for Go to compare with: python3 -m train.reference --data DIR --out DIR, in models/.

For every trained level: DIR/<task>/images.u8 (pictures of val, as the network's input times 255, one after the other)
and DIR/<task>/<level>/<output>.f32 (little-endian, row-major, one picture after the other).
"""
import importlib
import os
import sys

import numpy as np
import torch

from . import family, lane, light_data, loop, sign_data

OUTPUTS = {"traffic_light": ("boxes", "scores"), "sign": ("boxes", "scores"), "lane": ("marking",)}


def images(task, data, split="val"):
    """The pictures of a split, uint8 [N,3,H,W]."""
    source = {"traffic_light": light_data.cinta, "sign": sign_data.frames, "lane": lane.load}[task]
    return source(data, split).images


@torch.no_grad()
def write(task, args):
    """One task's pictures and outputs."""
    module = importlib.import_module(f"train.{task}")
    pictures = images(task, args.data)[:args.images]
    os.makedirs(os.path.join(args.out, task), exist_ok=True)
    pictures.numpy().tofile(os.path.join(args.out, task, "images.u8"))
    for level in family.chosen(task, args.smoke):
        weights = os.path.join(family.folder(args.work, task, level), "final.pt")
        if not os.path.exists(weights):
            continue
        network = module.deployed(loop.load(weights))
        results = []
        for picture in pictures:
            out = network(picture[None].float() / 255)
            results.append(out if isinstance(out, tuple) else (out,))
        os.makedirs(os.path.join(args.out, task, level.name), exist_ok=True)
        for i, name in enumerate(OUTPUTS[task]):
            values = np.concatenate([r[i].numpy().ravel() for r in results])
            values.astype("<f4").tofile(os.path.join(args.out, task, level.name, name + ".f32"))
        print(f"{task} {level.name}: {len(pictures)} pictures", flush=True)


def main(argv=None):
    """Entry point; returns the exit code."""
    p = family.arguments("reference", __doc__)
    p.add_argument("--out", metavar="DIR", required=True, help="where the pictures and outputs go")
    p.add_argument("--images", type=int, default=100, help="pictures of each task, at most (default: %(default)s)")
    args = p.parse_args(argv)
    for task in [args.task] if args.task else family.LEVELS:
        write(task, args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
