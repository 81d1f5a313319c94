"""The other design, for comparison: one network whose detector tells the classes by itself, and no classifier.

python3 -m train.sign_single --data DIR, in models/, trains it as train.sign trains its detector and prints the
figures on val. Nothing is exported.
"""
import sys

from . import command, detect, sign, sign_data, sign_net, sign_report


def train(args, device):
    """Train or go on training; returns what is kept."""
    classes = sign_data.Classes(args.data)
    mean, spent = sign.train_detector(args, device, classes, sign_data.crops(args.data, "train").to(device), classes.none)
    val = sign_data.frames(args.data, "val")
    detector = sign.full_size(mean, args, classes.none)
    found = sign.predict(detect.Deployed(detector, sign_data.HEIGHT, sign_data.WIDTH).eval(), val)
    thresholds = sign_report.choose_thresholds(found, val.truths)
    figures = sign_report.report(found, val.truths, thresholds)
    print("val:\n" + sign_report.describe(figures))
    return {"model": mean.state_dict(), "thresholds": thresholds, "val": figures, "train_minutes": spent / 60}


def main():
    """Entry point; returns the exit code."""
    args = command.arguments("sign_single", __doc__.splitlines()[0], "sign_frames/ and gtsrb/", epochs=30)
    return command.run(args, train, lambda kept, folder: None, None)


if __name__ == "__main__":
    sys.exit(main())
