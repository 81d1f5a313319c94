"""Trains the families of networks, one level of one task at a time: python3 -m train.family --data DIR, in models/.

A level whose final.pt is there is passed over, so that the command can be stopped and run again at any time.
"""
import argparse
import os
import subprocess
import sys

from . import command

# Levels of each task: width, depth, and how many of the largest network's first layers they share (None: that network).
# Found by trying what ONNX Runtime makes of them: neighbours differ in time by a fifth or more.
LEVELS = {
    "traffic_light": ((1, 1, None), (0.5, 1, 9), (0.5, 1, 8), (0.5, 1, 6), (0.5, 0.5, 5), (0.5, 0.5, 3), (0.25, 0.5, 3),
                      (0.5, 0.5, 2), (0.25, 0.5, 2)),
    "lane": ((1, 1, None), (0.5, 1, 7), (0.5, 1, 5), (0.5, 0.5, 7), (0.5, 0.5, 5), (0.5, 0.5, 3), (0.25, 0.5, 3),
             (0.5, 0.5, 2), (0.25, 0.5, 2)),
}
# Passes over the pictures for a level behind the largest one: it has little to learn by itself, and a teacher.
EPOCHS = {"traffic_light": 12, "lane": 18}


def commands(task, data, threads, smoke):
    """The level's name, its folder and the command that trains it, for every level of a task."""
    for width, depth, shared in LEVELS[task]:
        name = command.level_name(width, depth, shared)
        work = os.path.join(command.REPOSITORY, "out", "train", task, name + ("-smoke" if smoke else ""))
        line = [sys.executable, "-W", "ignore", "-m", f"train.{task}", "--data", data, "--work", work, "--out", work,
                "--width", str(width), "--depth", str(depth), "--threads", str(threads)]
        if shared is not None:
            line += ["--shared", str(shared), "--epochs", str(EPOCHS[task])]
        yield name, work, line + (["--smoke"] if smoke else [])


def main(argv=None):
    """Entry point; returns the exit code."""
    p = argparse.ArgumentParser(prog="python3 -m train.family", description=__doc__)
    p.add_argument("--data", metavar="DIR", required=True, help="folder with the pictures")
    p.add_argument("--task", choices=sorted(LEVELS), help="one task (default: all)")
    p.add_argument("--threads", type=int, default=os.cpu_count(), help="CPU threads (default: all, %(default)s)")
    p.add_argument("--smoke", action="store_true", help="three steps of every level, to try the machinery")
    args = p.parse_args(argv)
    tasks = [args.task] if args.task else sorted(LEVELS)
    lines = [(task, *line) for task in tasks for line in commands(task, args.data, args.threads, args.smoke)]
    for i, (task, name, work, line) in enumerate(lines):
        if os.path.exists(os.path.join(work, "final.pt")):
            print(f"[{i + 1}/{len(lines)}] {task} {name}: trained already", flush=True)
            continue
        print(f"[{i + 1}/{len(lines)}] {task} {name}", flush=True)
        if status := subprocess.call(line):
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
