"""What the command lines of all tasks share."""
import argparse
import json
import os
import sys

import torch

from . import loop
from .light_data import DataMissing

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))


class Refused(Exception):
    """What the command line asks for cannot be done; the text says why."""


LARGEST = "w100"


def level_name(width, depth, shared=None):
    """Name of a level of the family, as in w50d50s3: half as wide, half as deep, behind three shared layers."""
    name = f"w{round(width * 100)}" + ("" if depth == 1 else f"d{round(depth * 100)}")
    return name if shared is None else f"{name}s{shared}"


def name_of(kept):
    """level_name of what train returned."""
    return level_name(kept["width"], kept["depth"], kept.get("shared"))


def arguments(task, about, needs, epochs, argv=None, start=False, classifier=None):
    """The command line of a task's training. `needs` names the parts of the data folder; start: it has --start.

    classifier: the defaults of --classifier and --classifier-epochs; None: it has none.
    """
    p = argparse.ArgumentParser(prog=f"python3 -m train.{task}", description=about)
    p.add_argument("--data", metavar="DIR", help=f"folder that holds {needs}")
    p.add_argument("--out", metavar="DIR",
                   help=f"folder for the exported model and labels.txt (default: models/{task} in the repository; "
                        "with --smoke, the work folder)")
    p.add_argument("--work", metavar="DIR",
                   help=f"folder for checkpoints and report.json (default: out/train/{task}/<level> in the repository)")
    p.add_argument("--width", type=float, default=1.0,
                   help="factor on the channels after the stem (default: %(default)s)")
    p.add_argument("--depth", type=float, default=1.0,
                   help="factor on the number of residual blocks (default: %(default)s)")
    p.add_argument("--shared", type=int, metavar="N",
                   help="take the first N layers from the largest network of the family, as they are, and learn from its "
                        "results too (default: train all layers)")
    p.add_argument("--largest", metavar="CKPT",
                   help=f"that network: its training's final.pt (default: out/train/{task}/{LARGEST}/final.pt)")
    p.add_argument("--epochs", type=int, default=epochs,
                   help="passes over the training pictures (default: %(default)s)")
    p.add_argument("--seed", type=int, default=1, help="seed of weights and augmentation (default: %(default)s)")
    if start:
        p.add_argument("--start", metavar="CKPT",
                       help="begin with the weights of CKPT, another training's final.pt, and with a lower rate")
    if classifier:
        p.add_argument("--classifier", type=float, metavar="WIDTH", default=classifier[0],
                       help="factor on the classifier's channels (default: %(default)s)")
        p.add_argument("--classifier-epochs", type=int, metavar="N", default=classifier[1],
                       help="its passes over the crops (default: %(default)s)")
    p.add_argument("--threads", type=int, default=os.cpu_count(), help="CPU threads (default: all, %(default)s)")
    p.add_argument("--resume", action=argparse.BooleanOptionalAction, default=True,
                   help="go on from the checkpoint in the work folder where there is one (default: yes)")
    p.add_argument("--smoke", action="store_true", help="one epoch of three steps, then export: tries the machinery")
    p.add_argument("--test", action="store_true", help="report on the test split too; for the end, once")
    p.add_argument("--export-only", metavar="CKPT", help="do not train: export CKPT, the final.pt of a training")
    args = p.parse_args(argv)
    if args.smoke:
        args.epochs = args.classifier_epochs = 1
    if not args.data and not (args.export_only and not args.test):
        p.error("--data is needed (or --export-only)")
    args.task = task
    level = level_name(args.width, args.depth, args.shared)
    args.largest = args.largest or os.path.join(REPOSITORY, "out", "train", task, LARGEST, "final.pt")
    args.work = args.work or os.path.join(REPOSITORY, "out", "train", task, level + ("-smoke" if args.smoke else ""))
    args.out = args.out or (args.work if args.smoke else os.path.join(REPOSITORY, "models", task))
    return args


def largest(args, restore):
    """The largest network of the family, from which a level takes its first layers; None where it takes none."""
    if args.shared is None:
        return None
    if not os.path.exists(args.largest):
        raise Refused(f"{args.largest} does not exist: train the largest network first, or name it with --largest")
    return restore(loop.load(args.largest)).requires_grad_(False)


def run(args, train, write_model, test):
    """Train (or take up --export-only), export, test where that was asked for; returns the exit code.

    train(args, device) returns what is kept of the trained model, a dict with "model"; write_model(kept, folder)
    exports it; test(kept, args, device) returns figures.
    """
    torch.set_num_threads(args.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        if args.export_only:
            kept = loop.load(args.export_only)
            if "model" not in kept or "val" not in kept:
                raise Refused(f"{args.export_only} is no final.pt: its training has not ended")
        else:
            kept = train(args, device)
            kept["machine"] = torch.cuda.get_device_name() if device == "cuda" else "CPU"
            loop.save(kept, os.path.join(args.work, "final.pt"))
        write_model(kept, args.out)
        if args.test:
            kept["test"] = test(kept, args, device)
    except (DataMissing, FileNotFoundError, Refused) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except loop.Interrupted as stop:
        print(f"\n{stop}", file=sys.stderr)
        return 130
    os.makedirs(args.work, exist_ok=True)
    with open(os.path.join(args.work, "report.json"), "w") as f:
        json.dump({k: v for k, v in kept.items() if k != "model"}, f, indent=1)
    return 0
