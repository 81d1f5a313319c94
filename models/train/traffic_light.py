"""Trains the traffic light detector and exports it: python3 -m train.traffic_light --data DIR, in models/."""
import os
import sys

import numpy as np
import torch

from . import augment, command, detect, export, light_data, loop, metrics
from .light_report import IOU_THRESHOLD, choose_thresholds, describe, report
from .light_data import HEIGHT, STATES, WIDTH

BATCH = 16
YELLOW_REPEATS = 3        # times that a photograph with a yellow light is seen in an epoch; it is the rare state
BACKGROUND_AN_EPOCH = 96  # frames without a light in an epoch
CHECK_EVERY = 5           # epochs
TRAIN_DATA = "cinTA_v2 (CC BY 4.0) train; frames without light: GTSDB, f1tenth, robocar, udacity_site"


def new_model(width, depth, shared=None):
    """An untrained detector."""
    return detect.Detector(len(STATES), HEIGHT, WIDTH, width, depth, shared)


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


def step_loss(teacher):
    """loss() for loop.fit; teacher: the network to learn from beside the labels, or None."""
    def loss(model, batch):
        images, truth = batch
        images = images.contiguous(memory_format=torch.channels_last)
        prediction = model(images)
        value = detect.loss(prediction, model.centres, truth)
        if teacher is not None:
            with torch.no_grad():
                wanted = teacher(images)
            value = value + detect.imitation(prediction, wanted)
        return value

    return loss


@torch.no_grad()
def predict(network, photos, device="cpu", at_a_time=32):
    """What a deployed network makes of every photograph, down to scores of a hundredth, as the node would."""
    result = []
    for part in photos.images.split(at_a_time):
        boxes, scores = network(part.to(device).float() / 255)
        result += [detect.detections(b, s, 0.01, IOU_THRESHOLD)
                   for b, s in zip(boxes.cpu().numpy(), scores.cpu().numpy())]
    return result


def train(args, device):
    """Train or go on training; returns what is kept of the trained model."""
    photos, empty = light_data.cinta(args.data, "train"), light_data.background(args.data, "train")
    val, val_empty = light_data.cinta(args.data, "val"), light_data.background(args.data, "val")
    print(f"train: {len(photos)} photographs and {len(empty)} without a light; val: {len(val)} and {len(val_empty)}; "
          f"on {device}, {torch.get_num_threads()} threads")
    torch.manual_seed(args.seed)
    model, teacher = new_model(args.width, args.depth, args.shared), command.largest(args, restore)
    if teacher is not None:
        model.backbone.early.take(teacher.backbone.early)
        teacher = teacher.to(device, memory_format=torch.channels_last)
    model = model.to(device, memory_format=torch.channels_last)

    def check(mean, epoch):
        if epoch % CHECK_EVERY and epoch != args.epochs:
            return ""
        figures = report(predict(exported(mean).to(device), val, device), val, rounds=0)
        return f"| val mAP {figures['map']:.3f}, state of the largest {figures['state']['share']:.3f}"

    mean, spent = loop.fit(model, training_batches(photos, empty, device, args.smoke), step_loss(teacher), check, args.work,
                           args.epochs, args.seed, args.resume)
    network = exported(mean).to(device)
    found, found_empty = predict(network, val, device), predict(network, val_empty, device)
    thresholds = choose_thresholds(found, val, found_empty)
    figures = report(found, val, found_empty, thresholds)
    print("val:\n" + describe(figures))
    return {"model": mean.cpu().state_dict(), "width": args.width, "depth": args.depth,
            "shared": args.shared, "seed": args.seed,
            "epochs": args.epochs, "train_minutes": round(spent / 60, 1), "thresholds": thresholds, "val": figures}


def restore(kept):
    """The trained model of what train returned."""
    model = new_model(kept["width"], kept["depth"], kept.get("shared"))
    model.load_state_dict(kept["model"])
    return model.eval()


SHAPE = (1, 3, HEIGHT, WIDTH)


def exported(model):
    """A detector as it is exported."""
    return detect.Deployed(model, HEIGHT, WIDTH).eval()


def deployed(kept):
    """The network as it is exported."""
    return exported(restore(kept))


def thresholds(kept):
    """What the metadata say of them, by name."""
    return kept["thresholds"]


def choose(network, data):
    """Thresholds for a deployed network, by val."""
    val, empty = light_data.cinta(data, "val"), light_data.background(data, "val")
    return choose_thresholds(predict(network, val), val, predict(network, empty))


def accuracy(network, _thresholds, data, split):
    """mAP of a deployed network on a split of cinta, with its 95 % interval and the number of photographs."""
    photos = light_data.cinta(data, split)
    table = metrics.ApTable(predict(network, photos), photos.truths, len(STATES))
    return metrics.figure(np.nanmean(table.ap()), table.intervals()[-1], len(photos))


def temperature(network, data):
    """Of the detections' scores, by val."""
    photos = light_data.cinta(data, "val")
    return metrics.detector_temperature(predict(network, photos), photos.truths, len(STATES))


def write_model(kept, folder):
    """Export to folder, with the labels beside it."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, command.name_of(kept) + ".onnx")
    metadata = {"task": "traffic_light", "labels": ",".join(STATES), "width": kept["width"], "depth": kept["depth"],
                "shared": kept.get("shared") or "", **thresholds(kept), "temperature": kept.get("temperature", 1), "seed": kept["seed"], "train_data": TRAIN_DATA}
    size = export.to_onnx(deployed(kept), SHAPE, "image",
                          ["boxes", "scores"], metadata, path)
    with open(os.path.join(folder, "labels.txt"), "w") as f:
        f.write("\n".join(STATES) + "\n")
    print(f"{path}: {size / 1e6:.2f} MB, thresholds {kept['thresholds']}")


def test(kept, args, device):
    """Figures on the test split."""
    photos, empty = light_data.cinta(args.data, "test"), light_data.background(args.data, "test")
    network = deployed(kept).to(device)
    figures = report(predict(network, photos, device), photos, predict(network, empty, device), kept["thresholds"])
    print("test:\n" + describe(figures))
    return figures


def main():
    """Entry point; returns the exit code."""
    args = command.arguments("traffic_light", __doc__, "traffic_lights/, sign_frames/ and lanes/", epochs=30)
    return command.run(args, train, write_model, test)


if __name__ == "__main__":
    sys.exit(main())
