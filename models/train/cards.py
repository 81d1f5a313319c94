"""Model cards from the manifest: python3 -m train.cards, in models/, writes models/README.md."""
import os
import re
import sys

import yaml

from . import command

MODELS = os.path.join(command.REPOSITORY, "models")
HEAD = """# Models

<!-- Written by models/train/cards.py from manifest.yaml and the tasks' own pages; do not edit. -->

Every task has a family of networks: the largest, and levels that are narrower (`w`: width in percent), less deep (`d`)
and that have their first layers (`s`: how many) in common with the largest one, as RT-mDL scales networks (SenSys 2021).
A `q` at the end is the level of the name before it as INT8 (`train/README.md`): faster on processors, not on GPUs.
The layers in common lie once in `shared.data`, to which the levels' ONNX files point. `manifest.yaml` has all of this in
a form for programs. Choices were made on `val`; `test` is for the figures alone, and each look at it is in
`docs/test-log.md`.
"""


def section(text, title):
    """The body of a section of a page in Markdown; '' where it has none."""
    found = re.search(rf"^## {title}\n\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(1).strip() if found else ""


def storage(task, names):
    """Bytes of the levels with these names: together, what several need counted once, and each by itself."""
    levels = [level for level in task["levels"] if level["name"] in names]
    parts = task.get("parts", {})
    used = {p for level in levels for p in level.get("parts", [])}
    own = sum(level["bytes"] for level in levels)
    alone = own + sum(parts[p] for level in levels for p in level.get("parts", []))
    return own + sum(parts[p] for p in used), alone


def figure(value):
    """As in 0.889 (0.818 to 0.946)."""
    return f"{value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})"


def card(task, page):
    """A task's card; page: its own page in Markdown."""
    lines = [f"## {task['name']}", "",
             f"Accuracy is {task['metric']}, with its 95 % interval; "
             f"{task['levels'][0]['val']['count']} pictures of `val`, {task['levels'][0]['accuracy']['count']} of `test`. "
             f"Input: {' x '.join(str(n) for n in task['input']['shape'])}, RGB in 0 to 1. "
             f"Details: [{task['name']}/README.md]({task['name']}/README.md).", "",
             "| level | shared layers | `val` | `test` | M MACs | parameters | own KB | shared KB |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for level in task["levels"]:
        shared = sum(task.get("parts", {})[p] for p in level.get("parts", []))
        lines.append(f"| `{level['name']}` | {level['shared_layers']} | {figure(level['val'])} | "
                     f"{figure(level['accuracy'])} | {level['macs'] / 1e6:.0f} | {level['parameters']:,} | "
                     f"{level['bytes'] / 1e3:.0f} | {shared / 1e3:.0f} |")
    together, alone = storage(task, [level["name"] for level in task["levels"]])
    if len(task["levels"]) > 1:
        lines += ["", f"On disk the family has {together / 1e6:.2f} MB; as files by themselves the levels would have "
                  f"{alone / 1e6:.2f} MB, of which {100 * (1 - together / alone):.0f} % are saved."]
    lines.append("")
    for title in ("Training data", "Limits"):
        if body := section(page, title):
            lines += [f"### {title}: {task['name']}", "", body, ""]
    return "\n".join(lines)


def render():
    """The text of models/README.md."""
    with open(os.path.join(MODELS, "manifest.yaml")) as f:
        tasks = yaml.safe_load(f)["tasks"]
    cards = []
    for task in tasks:
        with open(os.path.join(MODELS, task["name"], "README.md")) as f:
            cards.append(card(task, f.read()))
    return HEAD + "\n" + "\n".join(cards).rstrip() + "\n"


def main():
    """Entry point; returns the exit code."""
    path = os.path.join(MODELS, "README.md")
    with open(path + ".part", "w") as f:
        f.write(render())
    os.replace(path + ".part", path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
