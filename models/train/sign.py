"""Trains the sign network (detector, then classifier) and exports it: python3 -m train.sign --data DIR, in models/."""
import copy
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

from . import command, detect, export, loop, metrics, sign_data, sign_net, sign_report, sign_views
from .boxes import iou_matrix
from .sign_data import CROP, HEIGHT, WIDTH

BATCH = 16
FRAME_REPEATS = 2          # views of a frame in an epoch
CROP_BATCH = 128
SMOKE_FRAMES = 50          # enough for three batches
TEACHER_SHARE = 0.5        # of what a smaller classifier is to learn, the other half is the labels
CUTS = 8                   # crops cut out around each sign of a frame, each a little off
EMPTY_CUTS = 4             # crops cut out of each frame beside its signs, at random
CHECK_EVERY = 5            # epochs
TRAIN_DATA = "GTSRB train tracks; GTSDB frames (Houben et al., IJCNN 2013)"


def train_detector(args, device, classes, crops, n_classes=1, teacher=None):
    """Train or go on training the detector; returns it and the seconds spent. One class: a sign of any kind.

    crops: on the device that trains. teacher: the largest detector of the family, whose first layers it takes and
    from whose results it learns too.
    """
    frames = sign_data.frames(args.data, "train", SMOKE_FRAMES if args.smoke else None).to(device)
    val = sign_data.frames(args.data, "val").to(device)
    pasted = sign_views.Pasted(crops, classes.shapes)
    print(f"detector: {len(frames)} frames of train, {len(val)} of val", flush=True)
    torch.manual_seed(args.seed)
    model = sign_net.new_detector(*sign_views.VIEW, args.width, args.depth, n_classes, args.shared)
    if teacher is not None:
        model.backbone.early.take(teacher.backbone.early)
        teacher = view_size(teacher, n_classes).to(device)
    model = model.to(device, memory_format=torch.channels_last)

    def batches(rng, _epoch):
        order = np.concatenate([rng.permutation(len(frames)) for _ in range(FRAME_REPEATS)])
        steps = 3 if args.smoke else len(order) // BATCH
        parts = (order[i * BATCH:(i + 1) * BATCH] for i in range(steps))
        return steps, (sign_views.detector_batch(frames, part, pasted, rng) for part in parts)

    def step_loss(model, batch):
        images, (boxes, classes_of, valid) = batch
        images = images.contiguous(memory_format=torch.channels_last)
        prediction = model(images)
        value = detect.loss(prediction, model.centres, (boxes, classes_of * (n_classes > 1), valid))
        if teacher is not None:
            with torch.no_grad():
                wanted = teacher(images)
            value = value + detect.imitation(prediction, wanted)
        return value

    def check(mean, epoch):
        if epoch % CHECK_EVERY and epoch != args.epochs:
            return ""
        found = propose(full_size(mean, args, n_classes).to(device), val)
        return f"| val: of the signs {sign_report.found_share(found, val.truths):.3f} among the candidates"

    mean, spent = loop.fit(model, batches, step_loss, check, os.path.join(args.work, "detector"), args.epochs, args.seed,
                           args.resume)
    return mean.cpu(), spent


def full_size(model, args, n_classes=1):
    """The detector with the same weights for whole frames."""
    whole = sign_net.new_detector(HEIGHT, WIDTH, args.width, args.depth, n_classes, args.shared)
    whole.load_state_dict(model.state_dict())
    return whole.eval()


def view_size(largest, n_classes=1):
    """The largest detector with the same weights for the views that are learnt from."""
    view = sign_net.new_detector(*sign_views.VIEW, n_classes=n_classes)
    view.load_state_dict(largest.state_dict())
    return view.eval().requires_grad_(False).to(memory_format=torch.channels_last)


@torch.no_grad()
def propose(detector, frames):
    """The detector's candidates of every frame, of the same device: rows x1,y1,x2,y2,score."""
    deployed = sign_net.Deployed(detector, None, 0).eval().to(frames.images.device)
    found = []
    for image in frames.images:
        boxes, score = deployed.propose(image[None].float() / 255)
        found.append(torch.cat([boxes, score[:, None]], 1).cpu().numpy())
    return found


@torch.no_grad()
def cut_out(frames, proposals, none, rng):
    """Crops of frames as the network cuts them, as (uint8 [N,3,48,48], classes [N]).

    Signs, each several times and a little off; and what is none: proposals and places far from every sign.
    """
    images, classes = [], []
    for image, truth, proposed in zip(frames.images, frames.truths, proposals):
        signs = np.repeat(truth, CUTS, 0)
        sides = np.tile(signs[:, 2:4] - signs[:, :2], 2)
        middle = rng.uniform(-0.08, 0.08, (len(signs), 2))
        size = rng.uniform(-0.12, 0.12, (len(signs), 2)) / 2
        near = signs[:, :4] + sides * np.concatenate([middle - size, middle + size], 1)
        corner = rng.uniform(0, 1, (EMPTY_CUTS, 2)) * (WIDTH - 60, HEIGHT - 60)
        random = np.concatenate([corner, corner + rng.uniform(10, 60, (EMPTY_CUTS, 1))], 1)
        empty = np.concatenate([np.repeat(proposed[:, :4], 2, 0), random])
        if len(truth):
            empty = empty[iou_matrix(empty, truth[:, :4]).max(1) < 0.2]
        boxes = torch.tensor(np.concatenate([near, empty]), dtype=torch.float32, device=image.device)
        cut = sign_net.RoiAlign.apply(image[None].float(), sign_net.crop_boxes(boxes))
        images.append(cut.round().byte())
        classes += signs[:, 4].astype(int).tolist() + [none] * len(empty)
    return torch.cat(images), torch.tensor(classes)


def train_classifier(args, device, detector, classes, crops, teacher=None):
    """Train or go on training the classifier of the level; returns what is kept of it.

    detector: the family's largest, whose candidates it learns to refuse. teacher: its largest classifier, or None.
    crops: on the device that trains. Levels with a classifier of the same width have the same one: it is kept beside their folders.
    """
    width = args.classifier
    work = os.path.join(os.path.dirname(args.work), f"classifier_w{round(width * 100)}" + ("-smoke" if args.smoke else ""))
    final = os.path.join(work, "final.pt")
    if os.path.exists(final) and args.resume:
        return loop.load(final)
    frames = sign_data.frames(args.data, "train", SMOKE_FRAMES if args.smoke else None).to(device)
    cut, cut_classes = cut_out(frames, propose(detector, frames), classes.none, np.random.default_rng(args.seed))
    images = torch.cat([crops.images, cut])
    targets = torch.cat([torch.where(crops.classes < 0, classes.none, crops.classes), cut_classes]).to(device)
    val = sign_data.crops(args.data, "val").to(device)
    print(f"classifier: {len(crops)} crops of gtsrb and {len(cut)} cut out of frames, "
          f"{int((cut_classes == classes.none).sum())} of these without a sign", flush=True)
    torch.manual_seed(args.seed)
    model = sign_net.Classifier(classes.none + 1, width).to(device, memory_format=torch.channels_last)
    teacher = teacher and teacher.to(device)

    def batches(rng, _epoch):
        order = rng.permutation(len(images))
        steps = 3 if args.smoke else len(order) // CROP_BATCH
        parts = (order[i * CROP_BATCH:(i + 1) * CROP_BATCH] for i in range(steps))
        return steps, ((sign_views.classifier_batch(images[part], rng), targets[part]) for part in parts)

    def step_loss(model, batch):
        views, wanted = batch
        views = views.contiguous(memory_format=torch.channels_last)
        if teacher is not None:
            with torch.no_grad():
                taught = torch.softmax(teacher(views), 1)
            wanted = F.one_hot(wanted, taught.shape[1]) + TEACHER_SHARE * (taught - F.one_hot(wanted, taught.shape[1]))
        return F.cross_entropy(model(views), wanted, label_smoothing=0 if teacher is not None else 0.05)

    def check(mean, _epoch):
        right = sign_report.top1(mean, val)
        return f"| val top-1 of {len(right)} crops {right.mean():.4f}"

    mean, spent = loop.fit(model, batches, step_loss, check, work, args.classifier_epochs, args.seed,
                           args.resume)
    kept = {"model": mean.cpu().state_dict(), "width": width, "minutes": round(spent / 60, 1)}
    loop.save(kept, final)
    return kept


@torch.no_grad()
def predict(deployed, frames):
    """What the network makes of every frame, down to low scores: rows x1,y1,x2,y2,score,class."""
    found = []
    for image in frames.images:
        boxes, scores = deployed(image[None].float() / 255)
        found.append(detect.detections(boxes[0].numpy(), scores[0].numpy(), 0.01, sign_report.IOU_THRESHOLD))
    return found


def train(args, device):
    """Train or go on training; returns what is kept of the trained networks."""
    classes, crops = sign_data.Classes(args.data), sign_data.crops(args.data, "train").to(device)
    largest = command.largest(args, restore)
    mean, spent = train_detector(args, device, classes, crops, teacher=largest and largest.detector)
    detector = full_size(mean, args)
    proposer = copy.deepcopy(largest.detector if largest else detector).to(device)
    found = train_classifier(args, device, proposer, classes, crops, largest and largest.classifier)
    kept = {"model": {"detector": detector.state_dict(), "classifier": found["model"]},
            "labels": classes.labels, "width": args.width, "depth": args.depth, "shared": args.shared,
            "classifier": args.classifier, "seed": args.seed, "epochs": args.epochs,
            "train_minutes": round(spent / 60 + found["minutes"], 1)}
    network = restore(kept)
    val = sign_data.frames(args.data, "val")
    found = predict(network, val)
    kept["thresholds"] = sign_report.choose_thresholds(found, val.truths)
    kept["val"] = sign_report.report(found, val.truths, kept["thresholds"])
    kept["val"]["crops"] = float(sign_report.top1(network.classifier, sign_data.crops(args.data, "val")).mean())
    print("val:\n" + sign_report.describe(kept["val"]))
    return kept


def restore(kept):
    """The trained network of what train returned."""
    detector = sign_net.new_detector(HEIGHT, WIDTH, kept["width"], kept["depth"], shared=kept.get("shared"))
    classifier = sign_net.Classifier(len(kept["labels"]) + 1, kept["classifier"])
    detector.load_state_dict(kept["model"]["detector"])
    classifier.load_state_dict(kept["model"]["classifier"])
    return sign_net.Deployed(detector, classifier, len(kept["labels"])).eval()


SHAPE = (1, 3, HEIGHT, WIDTH)


def deployed(kept):
    """The network as it is exported."""
    return restore(kept)


def thresholds(kept):
    """What the metadata say of them, by name."""
    return kept["thresholds"]


def choose(network, data):
    """Thresholds for a deployed network, by val."""
    frames = sign_data.frames(data, "val")
    return sign_report.choose_thresholds(predict(network, frames), frames.truths)


def accuracy(network, chosen, data, split):
    """Micro F1 of a deployed network on a split of sign_frames, with its 95 % interval and the number of frames."""
    frames = sign_data.frames(data, split)
    value = sign_report.f1_of(predict(network, frames), frames.truths, chosen["score_threshold"])
    return metrics.figure(value(np.arange(len(frames))), metrics.interval(value, len(frames)), len(frames))


def temperature(network, data):
    """Of the detections' scores, by val."""
    frames = sign_data.frames(data, "val")
    return metrics.detector_temperature(predict(network, frames), frames.truths, len(sign_data.Classes(data).labels))


def write_model(kept, folder):
    """Export to folder: the network, the classifier alone, and the labels."""
    os.makedirs(folder, exist_ok=True)
    network = restore(kept)
    name = command.name_of(kept)
    metadata = {"task": "sign", "labels": ",".join(kept["labels"]), "width": kept["width"], "depth": kept["depth"],
                "shared": kept["shared"] or "", "classifier": kept["classifier"], **thresholds(kept), "temperature": kept.get("temperature", 1), "seed": kept["seed"],
                "train_data": TRAIN_DATA}
    path = os.path.join(folder, name + ".onnx")
    size = export.to_onnx(network, (1, 3, HEIGHT, WIDTH), "image", ["boxes", "scores"], metadata, path, opset=16)
    print(f"{path}: {size / 1e6:.2f} MB, thresholds {kept['thresholds']}")
    alone = os.path.join(folder, "classifier.onnx" if name == "w100" else f"classifier_{name}.onnx")
    metadata = {"task": "sign_classifier", "labels": ",".join(kept["labels"] + ["not_a_sign"]),
                "width": kept["width"], "depth": kept["depth"], "seed": kept["seed"], "train_data": TRAIN_DATA}
    size = export.to_onnx(sign_net.ClassifierDeployed(network.classifier), (1, 3, CROP, CROP), "image", ["scores"],
                          metadata, alone)
    print(f"{alone}: {size / 1e6:.2f} MB")
    with open(os.path.join(folder, "labels.txt"), "w") as f:
        f.write("\n".join(kept["labels"]) + "\n")


def test(kept, args, _device):
    """The figures on the test split; of crops on GTSRB's official test."""
    network, frames = restore(kept), sign_data.frames(args.data, "test")
    figures = sign_report.report(predict(network, frames), frames.truths, kept["thresholds"])
    figures["crops"] = float(sign_report.top1(network.classifier, sign_data.crops(args.data, "official_test")).mean())
    print("test:\n" + sign_report.describe(figures))
    return figures


def main():
    """Entry point; returns the exit code."""
    args = command.arguments("sign", __doc__, "sign_frames/ and gtsrb/", epochs=30, classifier=(1.25, 20))
    return command.run(args, train, write_model, test)


if __name__ == "__main__":
    sys.exit(main())
