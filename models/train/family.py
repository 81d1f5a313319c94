"""Trains the families of networks, one level of one task at a time: python3 -m train.family --data DIR, in models/.

A level whose final.pt is there is passed over, so that the command can be stopped and run again at any time.
"""
import argparse
import os
import subprocess
import sys
import typing

from . import command


class Level(typing.NamedTuple):
    """A level of a family, as net.Early has it; classifier: the width of that of the signs."""
    width: float
    depth: float
    shared: typing.Optional[int] = None
    classifier: typing.Optional[float] = None

    @property
    def name(self):
        """As in w50d50s3."""
        return command.level_name(self.width, self.depth, self.shared)


# The largest first. Found by trying what ONNX Runtime makes of them: neighbours differ in time by a tenth or more.
LEVELS = {
    "traffic_light": (Level(1, 1), Level(0.5, 1, 9), Level(0.5, 1, 8), Level(0.5, 1, 6), Level(0.5, 0.5, 5),
                      Level(0.5, 0.5, 3), Level(0.25, 0.5, 3), Level(0.5, 0.5, 2), Level(0.25, 0.5, 2)),
    "sign": (Level(1, 1, None, 1.75), Level(0.5, 1, 9, 1.25), Level(0.5, 1, 6, 1.25), Level(0.5, 0.5, 5, 0.5),
             Level(0.5, 0.5, 3, 0.5), Level(0.5, 0.5, 2, 0.5), Level(0.25, 0.5, 2, 0.35)),
    "lane": (Level(1, 1), Level(0.5, 1, 7), Level(0.5, 1, 5), Level(0.5, 0.5, 7), Level(0.5, 0.5, 5),
             Level(0.5, 0.5, 3), Level(0.25, 0.5, 3), Level(0.5, 0.5, 2), Level(0.25, 0.5, 2)),
}
# Passes over the pictures for the largest network, and for a level behind it: that has little to learn by itself, and a
# teacher.
EPOCHS = {"traffic_light": (30, 12), "sign": (30, 12), "lane": (45, 18)}
CLASSIFIER_EPOCHS = 20


def chosen(task, smoke):
    """The levels to be trained: for a smoke test the largest and the smallest."""
    return (LEVELS[task][0], LEVELS[task][-1]) if smoke else LEVELS[task]


def folder(root, task, level):
    """Where the training of a level is kept."""
    return os.path.join(root, task, level.name)


def line(task, level, args):
    """The command that trains a level."""
    work = folder(args.work, task, level)
    words = [sys.executable, "-W", "ignore", "-m", f"train.{task}", "--data", args.data, "--work", work, "--out", work,
             "--width", str(level.width), "--depth", str(level.depth), "--threads", str(args.threads),
             "--epochs", str(round(args.passes * EPOCHS[task][level.shared is not None]))]
    if level.shared is not None:
        words += ["--shared", str(level.shared),
                  "--largest", os.path.join(folder(args.work, task, LEVELS[task][0]), "final.pt")]
    if level.classifier is not None:
        words += ["--classifier", str(level.classifier),
                  "--classifier-epochs", str(round(args.passes * CLASSIFIER_EPOCHS))]
    return words + (["--smoke"] if args.smoke else [])


def arguments(prog, about):
    """The arguments of the commands that work on families."""
    p = argparse.ArgumentParser(prog=f"python3 -m train.{prog}", description=about)
    p.add_argument("--data", metavar="DIR", required=True, help="folder with the pictures")
    p.add_argument("--task", choices=sorted(LEVELS), help="one task (default: all)")
    p.add_argument("--work", metavar="DIR", default=os.path.join(command.REPOSITORY, "out", "train"),
                   help="where the trainings are (default: out/train in the repository)")
    p.add_argument("--smoke", action="store_true", help="a few steps of the largest and the smallest level, to try it all")
    return p


def main(argv=None):
    """Entry point; returns the exit code."""
    p = arguments("family", __doc__)
    p.add_argument("--threads", type=int, default=os.cpu_count(), help="CPU threads (default: all, %(default)s)")
    p.add_argument("--passes", type=float, metavar="FACTOR", default=1,
                   help="factor on the passes over the pictures (default: %(default)s: under 40 minutes a level on two "
                        "cores; the published networks were trained on a GPU with 2)")
    args = p.parse_args(argv)
    levels = [(task, level) for task in ([args.task] if args.task else LEVELS) for level in chosen(task, args.smoke)]
    for i, (task, level) in enumerate(levels):
        say = f"[{i + 1}/{len(levels)}] {task} {level.name}"
        if os.path.exists(os.path.join(folder(args.work, task, level), "final.pt")) and not args.smoke:
            print(f"{say}: trained already", flush=True)
            continue
        print(say, flush=True)
        if status := subprocess.call(line(task, level, args)):
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
