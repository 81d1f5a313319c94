"""Trains the traffic light detector and exports it: python3 -m train.traffic_light --data DIR, in models/."""
import argparse
import json
import os
import sys

import numpy as np
import torch

from . import augment, detect, export, light_data, loop
from .light_report import IOU_THRESHOLD, choose_thresholds, describe, report
from .light_data import HEIGHT, STATES, WIDTH

BATCH = 16
YELLOW_REPEATS = 3        # times that a photograph with a yellow light is seen in an epoch; it is the rare state
BACKGROUND_AN_EPOCH = 96  # frames without a light in an epoch
CHECK_EVERY = 5           # epochs
TRAIN_DATA = "cinTA_v2 (CC BY 4.0) train; frames without light: GTSDB, f1tenth, robocar, udacity_site"

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))


class Refused(Exception):
    """What the command line asks for cannot be done; the text says why."""


def level_name(width, depth):
    """Name of a level of the family, as in w50 or w50d150."""
    name = f"w{round(width * 100)}"
    return name if depth == 1 else f"{name}d{round(depth * 100)}"


def new_model(width, depth):
    """An untrained detector."""
    return detect.Detector(len(STATES), HEIGHT, WIDTH, width, depth)


def training_batches(photos, empty, device, smoke):
    """batches() for loop.fit over augmented photographs and background."""
    images = torch.cat([photos.images, empty.images]).to(device)
    truths = photos.truths + empty.truths
    yellow = STATES.index("yellow")
    repeated = np.concatenate([[i] * (YELLOW_REPEATS if (t[:, 4] == yellow).any() else 1)
                               for i, t in enumerate(photos.truths)])

    def batches(rng, _epoch):
        blank = len(photos) + rng.permutation(len(empty))[:BACKGROUND_AN_EPOCH]
        order = rng.permutation(np.concatenate([repeated, blank]))
        steps = 3 if smoke else len(order) // BATCH
        parts = (order[i * BATCH:(i + 1) * BATCH] for i in range(steps))
        return steps, (augment.batch(images, truths, part, rng, lambda: rng.choice(order)) for part in parts)

    return batches


def step_loss(model, batch):
    """Loss of one batch."""
    images, truth = batch
    images = images.contiguous(memory_format=torch.channels_last)
    return detect.loss(model(images), model.centres, truth)


@torch.no_grad()
def predict(model, photos, device, at_a_time=32):
    """Detections of every photograph with scores down to a hundredth, as the node would make them."""
    deployed = detect.Deployed(model, HEIGHT, WIDTH).eval().to(device)
    result = []
    for part in photos.images.split(at_a_time):
        boxes, scores = deployed(part.to(device).float() / 255)
        result += [detect.detections(b, s, 0.01, IOU_THRESHOLD)
                   for b, s in zip(boxes.cpu().numpy(), scores.cpu().numpy())]
    return result


def train(args, work, device):
    """Train or go on training; returns what is kept of the trained model."""
    photos, empty = light_data.cinta(args.data, "train"), light_data.background(args.data, "train")
    val, val_empty = light_data.cinta(args.data, "val"), light_data.background(args.data, "val")
    print(f"train: {len(photos)} photographs and {len(empty)} without a light; val: {len(val)} and {len(val_empty)}; "
          f"on {device}, {torch.get_num_threads()} threads")
    torch.manual_seed(args.seed)
    model = new_model(args.width, args.depth).to(device, memory_format=torch.channels_last)

    def check(mean, epoch):
        if epoch % CHECK_EVERY and epoch != args.epochs:
            return ""
        figures = report(predict(mean, val, device), val, rounds=0)
        return f"| val mAP {figures['map']:.3f}, state of the largest {figures['state']['share']:.3f}"

    mean, spent = loop.fit(model, training_batches(photos, empty, device, args.smoke), step_loss, check, work,
                           args.epochs, args.seed, args.resume)
    found, found_empty = predict(mean, val, device), predict(mean, val_empty, device)
    thresholds = choose_thresholds(found, val, found_empty)
    figures = report(found, val, found_empty, thresholds)
    print("val:\n" + describe(figures))
    return {"model": mean.cpu().state_dict(), "width": args.width, "depth": args.depth, "seed": args.seed,
            "epochs": args.epochs, "train_minutes": round(spent / 60, 1), "thresholds": thresholds, "val": figures}


def restore(kept):
    """The trained model of what train returned."""
    model = new_model(kept["width"], kept["depth"])
    model.load_state_dict(kept["model"])
    return model.eval()


def write_model(kept, folder):
    """Export to folder, with the labels beside it."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, level_name(kept["width"], kept["depth"]) + ".onnx")
    metadata = {"task": "traffic_light", "labels": ",".join(STATES), "width": kept["width"], "depth": kept["depth"],
                **kept["thresholds"], "seed": kept["seed"], "train_data": TRAIN_DATA}
    size = export.to_onnx(detect.Deployed(restore(kept), HEIGHT, WIDTH), (1, 3, HEIGHT, WIDTH), "image",
                          ["boxes", "scores"], metadata, path)
    with open(os.path.join(folder, "labels.txt"), "w") as f:
        f.write("\n".join(STATES) + "\n")
    print(f"{path}: {size / 1e6:.2f} MB, thresholds {kept['thresholds']}")


def arguments():
    """The command line."""
    p = argparse.ArgumentParser(prog="python3 -m train.traffic_light", description=__doc__)
    p.add_argument("--data", metavar="DIR", help="folder that holds traffic_lights/, sign_frames/ and lanes/")
    p.add_argument("--out", metavar="DIR",
                   help="folder for the exported model and labels.txt (default: models/traffic_light in the "
                        "repository; with --smoke, the work folder)")
    p.add_argument("--work", metavar="DIR",
                   help="folder for checkpoints and report.json (default: out/train/traffic_light/<level> in the "
                        "repository)")
    p.add_argument("--width", type=float, default=1.0,
                   help="factor on the channels after the stem (default: %(default)s)")
    p.add_argument("--depth", type=float, default=1.0,
                   help="factor on the number of residual blocks (default: %(default)s)")
    p.add_argument("--epochs", type=int, default=30,
                   help="passes over the training photographs (default: %(default)s)")
    p.add_argument("--seed", type=int, default=1, help="seed of weights and augmentation (default: %(default)s)")
    p.add_argument("--threads", type=int, default=os.cpu_count(), help="CPU threads (default: all, %(default)s)")
    p.add_argument("--resume", action=argparse.BooleanOptionalAction, default=True,
                   help="go on from the checkpoint in the work folder where there is one (default: yes)")
    p.add_argument("--smoke", action="store_true", help="one epoch of three steps, then export: tries the machinery")
    p.add_argument("--test", action="store_true", help="report on the test split too; for the end, once")
    p.add_argument("--export-only", metavar="CKPT", help="do not train: export CKPT, the final.pt of a training")
    args = p.parse_args()
    if args.smoke:
        args.epochs = 1
    if not args.data and not (args.export_only and not args.test):
        p.error("--data is needed (or --export-only)")
    return args


def main():
    """Entry point; returns the exit code."""
    args = arguments()
    torch.set_num_threads(args.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    work = args.work or os.path.join(REPOSITORY, "out", "train", "traffic_light",
                                     level_name(args.width, args.depth) + ("-smoke" if args.smoke else ""))
    try:
        if args.export_only:
            kept = loop.load(args.export_only)
            if "thresholds" not in kept:
                raise Refused(f"{args.export_only} is no final.pt: its training has not ended")
        else:
            kept = train(args, work, device)
            loop.save(kept, os.path.join(work, "final.pt"))
        write_model(kept, args.out or (work if args.smoke else os.path.join(REPOSITORY, "models", "traffic_light")))
        if args.test:
            test, empty = light_data.cinta(args.data, "test"), light_data.background(args.data, "test")
            model = restore(kept).to(device)
            kept["test"] = report(predict(model, test, device), test, predict(model, empty, device),
                                  kept["thresholds"])
            print("test:\n" + describe(kept["test"]))
    except (light_data.DataMissing, FileNotFoundError, Refused) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except loop.Interrupted as stop:
        print(f"\n{stop}", file=sys.stderr)
        return 130
    os.makedirs(work, exist_ok=True)
    with open(os.path.join(work, "report.json"), "w") as f:
        json.dump({k: v for k, v in kept.items() if k != "model"}, f, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
