"""Exports the trained families, measures every level and writes the manifest: python3 -m train.publish --data DIR.

Each run looks once at the test split of every level that it measures: that is for the end, and to be logged.
"""
import glob
import hashlib
import importlib
import json
import os
import shutil
import subprocess
import sys

import torch
import yaml

from . import cards, command, family, graph, loop, store

MANIFEST = "manifest.yaml"
METRICS = {
    "traffic_light": "mAP at IoU 0.5, mean of red, yellow and green",
    "sign": "micro F1 over 43 classes, signs of 16 px and wider",
    "lane": "mean of IoU (robocar), IoU (tape_lap) and F1 at 3 px (f1tenth)",
}


def sha256(path):
    """Of a file, in hexadecimal digits."""
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


@torch.no_grad()
def macs(module, shape):
    """Multiplications with additions of the convolutions and matrices for one input."""
    total = [0]

    def count(layer, _inputs, output):
        size = output.numel() // output.shape[1] if layer.weight.ndim == 4 else output.numel() // output.shape[-1]
        total[0] += size * layer.weight.numel()
    hooks = [m.register_forward_hook(count) for m in module.modules()
             if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))]
    module.eval()(torch.zeros(shape))
    for hook in hooks:
        hook.remove()
    return total[0]


def measured(module, kept, data, split, weights):
    """module.accuracy, kept beside the weights, so that a split is looked at once for each."""
    path, of = os.path.join(os.path.dirname(weights), f"accuracy_{split}.json"), sha256(weights)
    if os.path.exists(path):
        with open(path) as f:
            known = json.load(f)
        if known["weights"] == of:
            return known["accuracy"]
    found = module.accuracy(module.deployed(kept), module.thresholds(kept), data, split)
    with open(path, "w") as f:
        json.dump({"weights": of, "accuracy": found}, f)
    return found


def publish(task, args):
    """One task's part of the manifest, with the files that it names written."""
    module = importlib.import_module(f"train.{task}")
    folder = os.path.join(args.models, task)
    levels, models, alone, largest_layers = [], [], [], 0
    chosen = family.chosen(task, args.smoke)
    for variant in chosen:
        name, shared, work = variant.name, variant.shared, family.folder(args.work, task, variant)
        weights = os.path.join(work, "final.pt")
        if not os.path.exists(weights):
            print(f"{task} {name}: not trained, left out", flush=True)
            continue
        kept = loop.load(weights)
        print(f"{task} {name}", flush=True)
        network = module.deployed(kept)
        kept["temperature"] = module.temperature(network, args.data)
        module.write_model(kept, work)
        models.append(graph.fold_spread(store.read(os.path.join(work, name + ".onnx"))))
        if variant in (chosen[0], chosen[-1]):  # for the figures on crops: those of the largest and of the smallest level
            alone += sorted(glob.glob(os.path.join(work, "classifier*.onnx")))
        level = {"name": name, "shared_layers": shared or 0,
                 "accuracy": measured(module, kept, args.data, "val" if args.smoke else "test", weights),
                 "val": measured(module, kept, args.data, "val", weights), "macs": macs(network, module.SHAPE)}
        print(f"  val {level['val']['value']:.4f}, test {level['accuracy']['value']:.4f}", flush=True)
        level["provenance"] = {"seed": kept["seed"], "epochs": kept["epochs"], "train_minutes": kept["train_minutes"],
                               "machine": kept["machine"], "data": module.TRAIN_DATA, "git": args.git}
        largest_layers = max(largest_layers, shared or 0)
        levels.append(level)
    models += [store.read(path) for path in alone]
    if not models:
        raise SystemExit(f"publish: no level of {task} is trained in {args.work}: make train TASK={task}")
    os.makedirs(folder, exist_ok=True)
    shutil.copy(os.path.join(args.work, task, levels[0]["name"], "labels.txt"), folder)
    for level in levels:
        level["shared_layers"] = level["shared_layers"] or largest_layers
    return written(task, folder, levels, models, [os.path.basename(path)[:-5] for path in alone])


def written(task, folder, levels, models, extras):
    """Writes a family's files and returns its part of the manifest.

    levels: what that says of each, but for its file, parts, and parameters unless they are there; models: theirs, as
    store.read gives them, then those of the extras, a list of names. labels.txt is in the folder.
    """
    parts, needs, parameters = store.share(models, [level["name"] for level in levels] + extras, folder)
    with open(os.path.join(folder, "labels.txt")) as f:
        labels = f.read().split("\n")[:-1]
    entry = {"name": task, "labels": labels, **_tensors(models[0].graph), "metric": METRICS[task]}
    if parts:
        path = os.path.join(folder, store.SHARED)
        entry["shared"] = {"file": f"{task}/{store.SHARED}", "sha256": sha256(path), "bytes": os.path.getsize(path)}
        entry["parts"] = parts
    entry["levels"] = []
    for level in levels:
        name = level["name"]
        path = os.path.join(folder, name + ".onnx")
        entry["levels"].append({"name": name, "file": f"{task}/{name}.onnx", "sha256": sha256(path),
                                "bytes": os.path.getsize(path), "parts": needs[name],
                                **{k: level[k] for k in ("shared_layers", "accuracy", "val")},
                                "parameters": level.get("parameters", parameters[name]), "macs": level["macs"], "provenance": level["provenance"]})
    if extras:
        entry["extras"] = [_extra(task, folder, name, needs[name], model.graph)
                           for name, model in zip(extras, models[len(levels):])]
    return entry


def _extra(task, folder, name, needs, graph):
    """A network beside the levels, which the suite does not run."""
    path = os.path.join(folder, name + ".onnx")
    return {"name": name, "file": f"{task}/{name}.onnx", "sha256": sha256(path), "bytes": os.path.getsize(path),
            "parts": needs, **_tensors(graph)}


def _tensors(graph):
    return {"input": {**_tensor(graph.input[0]), "colour": "rgb", "low": 0, "high": 1},
            "outputs": [_tensor(v) for v in graph.output]}


def _tensor(value):
    return {"name": value.name, "shape": [d.dim_value for d in value.type.tensor_type.shape.dim]}


def manifest(folder):
    """What the manifest of a folder says, by task; empty where there is none."""
    path = os.path.join(folder, MANIFEST)
    if not os.path.exists(path):
        return {}
    with open(path) as f:
        return {t["name"]: t for t in yaml.safe_load(f)["tasks"]}


def keep(folder, entry):
    """Puts a task's part into the manifest of a folder, in place of the one that is there."""
    known = {**manifest(folder), entry["name"]: entry}
    path = os.path.join(folder, MANIFEST)
    with open(path + ".part", "w") as f:
        f.write("# Written by models/train/publish.py.\n")
        yaml.safe_dump({"version": 1, "tasks": [known[t] for t in METRICS if t in known]}, f, sort_keys=False, width=120)
    os.replace(path + ".part", path)


def head():
    """The commit that the working tree is of, shortened."""
    return subprocess.check_output(["git", "rev-parse", "--short=7", "HEAD"], text=True, cwd=command.HERE).strip()


def arguments(prog, about):
    """family.arguments, and the folder of what is published."""
    p = family.arguments(prog, about)
    p.add_argument("--models", metavar="DIR", default=os.path.join(command.REPOSITORY, "models"),
                   help="the folder of the published files and manifest.yaml (default: models in the repository)")
    return p


def main(argv=None):
    """Entry point; returns the exit code."""
    args = arguments("publish", __doc__).parse_args(argv)
    args.git = head()
    for task in [args.task] if args.task else family.LEVELS:
        keep(args.models, publish(task, args))
    if not args.smoke:
        cards.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
