"""Adds INT8 levels to published families: python3 -m train.quantise --data DIR, in models/.

An INT8 level is another one with the weights of its convolutions and matrices as int8, scaled by channel, and their
inputs as uint8, whose ranges some pictures of train show (ONNX Runtime's static quantisation in QDQ form). Nothing is
learnt, so it needs no training's checkpoint, only the files in models/; thresholds and temperature are chosen anew, by
val. Each run looks once at the test split of every INT8 level: that is for the end, and to be logged.
"""
import importlib
import os
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime import quantization

from . import cards, export, family, publish, reference, store

MARK = "q"      # behind the name of the level that it is made of
COLOURS = 3     # convolutions of so few channels, those of pictures, stay as they are: as INT8 they are slower
PICTURES = 16   # of train, evenly spread
# A range leaves out so much of the values on either side, in percent: with the very largest ones within, a step is so
# coarse that a level of the signs lost 15 points of F1.
PERCENTILE = 99.99
HEAD = "head.1"  # in the weights' names of a detector's last convolutions, which stay as they are: they cost little
OPERATORS = ["Conv", "Gemm", "MatMul"]
RUNS = 30       # timed of each

# Those that are worth a place beside the others by time and accuracy on val; `--levels all` shows all.
LEVELS = {
    "traffic_light": ("w100", "w50s6", "w50d50s5"),
    "sign": ("w100", "w50s6", "w50d50s5"),
    "lane": ("w100", "w50d50s7", "w50d50s3"),
}


class Pictures(quantization.CalibrationDataReader):
    """What a network's ranges are taken from: uint8 [N,3,H,W], one at a time as its input."""

    def __init__(self, pictures, name):
        self.left = ({name: p[None].astype(np.float32) / 255} for p in pictures)

    def get_next(self):
        """The next picture; None behind the last."""
        return next(self.left, None)


class Runtime:
    """A file run by ONNX Runtime on one thread, called as PyTorch's network: on [N,3,H,W], one output or a tuple."""

    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name

    def __call__(self, batch):
        each = [self.session.run(None, {self.name: picture[None].numpy()}) for picture in batch]
        found = tuple(torch.from_numpy(np.concatenate(outputs)) for outputs in zip(*each))
        return found[0] if len(found) == 1 else found

    def milliseconds(self, picture):
        """What one run takes."""
        began = time.perf_counter()
        self(picture)
        return 1000 * (time.perf_counter() - began)


def int8(path, pictures, to):
    """Writes the network of path as INT8 to another file, with its metadata, and returns it as store.read does."""
    original = onnx.load(path)
    sizes = {t.name: t.dims for t in original.graph.initializer}
    whole_ones = [node.name for node in original.graph.node if len(node.input) > 1
                  and (HEAD in node.input[1] or node.op_type == "Conv" and sizes[node.input[1]][1] <= COLOURS)]
    whole = to + ".whole"
    onnx.save(original, whole)  # without external data, whose places it would not keep
    quantization.quantize_static(
        whole, to, Pictures(pictures, original.graph.input[0].name), op_types_to_quantize=OPERATORS, per_channel=True,
        # Seven bits of weights: the sums of two products in 16 bits, which processors without VNNI make, then hold.
        reduce_range=True, quant_format=quantization.QuantFormat.QDQ, activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8, nodes_to_exclude=whole_ones,
        calibrate_method=quantization.CalibrationMethod.Percentile, extra_options={"CalibPercentile": PERCENTILE})
    os.remove(whole)
    model = store.read(to)
    export.check_version(model.ir_version, to)
    del model.metadata_props[:]
    model.metadata_props.extend(original.metadata_props)
    return model


def describe(model, facts):
    """Sets metadata of a model."""
    for entry in model.metadata_props:
        if entry.key in facts:
            entry.value = str(facts[entry.key])


def add(task, args):
    """The task's part of the manifest with INT8 levels, and the files that it names."""
    module, folder = importlib.import_module(f"train.{task}"), os.path.join(args.models, task)
    known = publish.manifest(args.models)[task]
    plain = [level for level in known["levels"] if not level["name"].endswith(MARK)]
    chosen = LEVELS[task] if args.levels == "chosen" else [level["name"] for level in plain]
    pictures = reference.images(task, args.data, "train")
    pictures = pictures[np.linspace(0, len(pictures) - 1, 2 if args.smoke else PICTURES).round().astype(int)].numpy()
    one = torch.from_numpy(pictures[:1].astype(np.float32) / 255)
    levels, models = [], []
    for level in plain:
        path = os.path.join(folder, level["name"] + ".onnx")
        levels.append(level)
        models.append(store.read(path))
        if level["name"] not in chosen:
            continue
        name = level["name"] + MARK
        with tempfile.TemporaryDirectory() as aside:
            to = os.path.join(aside, name + ".onnx")
            models.append(int8(path, pictures, to))
            networks = Runtime(path), Runtime(to)
        took = np.median([[n.milliseconds(one) for n in networks] for _ in range(RUNS)], 0)
        thresholds = module.choose(networks[1], args.data)
        describe(models[-1], {**thresholds, "temperature": module.temperature(networks[1], args.data)})
        val = module.accuracy(networks[1], thresholds, args.data, "val")
        print(f"{task} {name}: {took[0]:.2f} to {took[1]:.2f} ms, val {level['val']['value']:.4f} to {val['value']:.4f}",
              flush=True)
        test = dict(val) if args.smoke or args.levels == "all" else module.accuracy(networks[1], thresholds, args.data, "test")
        levels.append({**level, "name": name, "val": val, "accuracy": test, "provenance": {
            **level["provenance"], "data": f"{level['provenance']['data']}; INT8 by {len(pictures)} pictures of train",
            "git": args.git}})
    extras = [extra["name"] for extra in known.get("extras", [])]
    models += [store.read(os.path.join(folder, name + ".onnx")) for name in extras]
    return None if args.levels == "all" else publish.written(task, folder, levels, models, extras)


def main(argv=None):
    """Entry point; returns the exit code."""
    p = publish.arguments("quantise", __doc__)
    p.add_argument("--levels", choices=("chosen", "all"), default="chosen",
                   help="all: say time and accuracy on val of every level as INT8, and write nothing (default: %(default)s)")
    args = p.parse_args(argv)
    args.git = publish.head()
    for task in [args.task] if args.task else family.LEVELS:
        entry = add(task, args)
        if entry:
            publish.keep(args.models, entry)
    if not args.smoke and args.levels == "chosen":
        cards.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
