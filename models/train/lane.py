"""Trains the segmentation of lane markings and exports it: python3 -m train.lane --data DIR, in models/."""
import os
import sys

import numpy as np
import torch

from . import augment, command, export, lane_data, loop, metrics, segment
from .lane_data import EMPTY, HEIGHT, ROAD, WIDTH
from .lane_report import choose_threshold, describe, quality, report

BATCH = 16
CHECK_EVERY = 5  # epochs
PEAK, AGAIN_PEAK = 2e-3, 7e-4  # highest learning rate, from new weights and from trained ones
TEACHER_SHARE = 0.5  # of what a level is to learn, the other half is the labels
LABELS = ("marking",)
ROAD_LABELS = os.path.join(command.HERE, "road_lines.csv")
TRAIN_DATA = ("f1tenth, robocar, tape_lap train; frames of CarND-LaneLines-P1 (MIT), first half, and of "
              "CarND-Vehicle-Detection (MIT); without lanes: cinTA_v2 (CC BY 4.0) train")

# Pictures of a source in an epoch: the laps of tape are many and alike, the others few.
AN_EPOCH = {"f1tenth": 260, "robocar": 180, "tape_lap": 220, ROAD: 220, EMPTY: 110}


def new_model(width, depth, shared=None):
    """An untrained network."""
    return segment.Segmenter(width, depth, shared)


def training_batches(pictures, smoke):
    """batches() for loop.fit."""
    sources = np.array(pictures.sources)

    def choose(rng):
        parts = []
        for source, n in AN_EPOCH.items():
            own = np.flatnonzero(sources == source)
            times = -(-n // max(1, len(own)))  # each one so often, save the last time
            parts.append(np.concatenate([rng.permutation(own) for _ in range(times)])[:n])
        return rng.permutation(np.concatenate(parts))

    def batches(rng, _epoch):
        order = choose(rng)
        steps = 3 if smoke else len(order) // BATCH

        def make(i):
            images, masks, weights = lane_data.view(pictures, order[i * BATCH:(i + 1) * BATCH], rng)
            return augment.recolour(lane_data.paint(images, masks, rng), rng), masks, weights
        return steps, (make(i) for i in range(steps))

    return batches


def step_loss(teacher):
    """loss() for loop.fit; teacher: the network to learn from beside the labels (Hinton et al., 2015), or None."""
    def loss(model, batch):
        device = next(model.parameters()).device
        images, masks, weights = (part.to(device) for part in batch)
        images = images.contiguous(memory_format=torch.channels_last)
        if teacher is not None:
            with torch.no_grad():
                masks = masks + TEACHER_SHARE * (torch.sigmoid(teacher(images)) - masks)
        return segment.loss(model(images), masks, weights)

    return loss


@torch.no_grad()
def predict(network, pictures, device="cpu", at_a_time=32):
    """Probabilities [N,1,128,256] that a deployed network gives all pictures."""
    return torch.cat([network(part.to(device).float() / 255).cpu() for part in pictures.images.split(at_a_time)])


def load(data, split):
    """What is learnt from, where split is train, else what is measured on: a split of lanes/ alone."""
    parts = [lane_data.lanes(data, split)]
    if split == "train":
        parts += [lane_data.road(data, ROAD_LABELS), lane_data.without_lanes(data, split)]
    return lane_data.Pictures(*(sum(lists, []) for lists in zip(*parts)))


def train(args, device):
    """Train or go on training; returns what is kept of the trained model."""
    pictures, val = load(args.data, "train").to(device), load(args.data, "val")
    print(f"train: {len(pictures)} pictures; val: {len(val)}; on {device}, {torch.get_num_threads()} threads")
    torch.manual_seed(args.seed)
    model, teacher = new_model(args.width, args.depth, args.shared), command.largest(args, restore)
    if teacher is not None:
        model.early.take(teacher.early)
        teacher = teacher.to(device, memory_format=torch.channels_last)
    if args.start:
        model.load_state_dict(loop.load(args.start)["model"])
    model = model.to(device, memory_format=torch.channels_last)

    def check(mean, epoch):
        if epoch % CHECK_EVERY and epoch != args.epochs:
            return ""
        found = report(predict(exported(mean).to(device), val, device), val, 0.5)
        return "| val " + ", ".join(f"{s} IoU {f['iou']:.3f} F1 {f['f1']:.3f}" for s, f in found.items())

    mean, spent = loop.fit(model, training_batches(pictures, args.smoke), step_loss(teacher), check, args.work,
                           args.epochs, args.seed, args.resume, peak=AGAIN_PEAK if args.start else PEAK)
    probabilities = predict(exported(mean).to(device), val, device)
    threshold = choose_threshold(probabilities, val)
    figures = report(probabilities, val, threshold)
    print(f"val, threshold {threshold}:\n" + describe(figures))
    return {"model": mean.cpu().state_dict(), "width": args.width, "depth": args.depth,
            "shared": args.shared, "seed": args.seed,
            "epochs": args.epochs, "train_minutes": round(spent / 60, 1), "threshold": threshold, "val": figures}


def restore(kept):
    """The trained model of what train returned."""
    model = new_model(kept["width"], kept["depth"], kept.get("shared"))
    model.load_state_dict(kept["model"])
    return model.eval()


SHAPE = (1, 3, HEIGHT, WIDTH)


def exported(model):
    """A network as it is exported."""
    return segment.Deployed(model).eval()


def deployed(kept):
    """The network as it is exported."""
    return exported(restore(kept))


def thresholds(kept):
    """What the metadata say of them, by name."""
    return {"marking_threshold": kept["threshold"]}


def choose(network, data):
    """Thresholds for a deployed network, by val."""
    pictures = load(data, "val")
    return {"marking_threshold": choose_threshold(predict(network, pictures), pictures)}


def accuracy(network, chosen, data, split):
    """Mean of the wanted figures of a deployed network on a split of lanes/, with its 95 % interval and the pictures."""
    pictures = load(data, split)
    value, span = quality(predict(network, pictures), pictures, chosen["marking_threshold"])
    return metrics.figure(value, span, len(pictures))


def temperature(network, data):
    """Of the pixels' probabilities, by val."""
    pictures = load(data, "val")
    known = (pictures.weights > 0).flatten()
    probabilities = predict(network, pictures).flatten()[known][::29]
    return metrics.temperature(probabilities.numpy(), (pictures.masks.flatten()[known][::29] >= 128).numpy())


def write_model(kept, folder):
    """Export to folder, with the labels beside it."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, command.name_of(kept) + ".onnx")
    metadata = {"task": "lane", "labels": ",".join(LABELS), "width": kept["width"], "depth": kept["depth"],
                "shared": kept.get("shared") or "", **thresholds(kept),
                "temperature": kept.get("temperature", 1), "seed": kept["seed"], "train_data": TRAIN_DATA}
    size = export.to_onnx(deployed(kept), SHAPE, "image", ["marking"], metadata, path)
    with open(os.path.join(folder, "labels.txt"), "w") as f:
        f.write("\n".join(LABELS) + "\n")
    print(f"{path}: {size / 1e6:.2f} MB, threshold {kept['threshold']}")


def test(kept, args, device):
    """Figures on the test split."""
    pictures = load(args.data, "test")
    figures = report(predict(deployed(kept).to(device), pictures, device), pictures, kept["threshold"])
    print("test:\n" + describe(figures))
    return figures


def main():
    """Entry point; returns the exit code."""
    args = command.arguments("lane", __doc__, "lanes/, video/ and traffic_lights/", epochs=45, start=True)
    return command.run(args, train, write_model, test)


if __name__ == "__main__":
    sys.exit(main())
