"""Makes demo.mcap from the project's data: real pictures as a camera would publish them.

    internal/setup/python.sh internal/demo/make_bag.py --data DIR

A road clip, then road frames with traffic signs and photographs of traffic lights, each for half a second. See
SOURCE.txt for where they come from. The result is committed, so nobody needs to run this.
"""

import argparse
import csv
import pathlib
import shutil
import tempfile

from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

START = 1_700_000_000_000_000_000  # of the recording, in ns; any time would do
TOPIC = "/camera/image_raw/compressed"


def road(data):
    """The second half of the clip, which no network was trained on, at half of its 25 Hz."""
    with open(data / "video" / "road_white_right" / "frames.csv", newline="") as f:
        files = [row["file"] for row in csv.DictReader(f)]
    return [data / "video" / "road_white_right" / file for file in files[len(files) // 2::2]]


def signs(data, count=16):
    """Frames of `val` and `test` with the largest signs, no two with a largest sign of the same class."""
    with open(data / "sign_frames" / "boxes.csv", newline="") as f:
        boxes = [row for row in csv.DictReader(f) if row["split"] != "train"]
    chosen = {}
    for row in sorted(boxes, key=lambda row: -float(row["w"])):
        if row["file"] not in chosen and row["class"] not in chosen.values():
            chosen[row["file"]] = row["class"]
    return [data / "sign_frames" / file for file in list(chosen)[:count]]


def lights(data):
    """Every second unaltered photograph with a light of `val` and `test`."""
    with open(data / "traffic_lights" / "cinta" / "frames.csv", newline="") as f:
        files = [row["file"] for row in csv.DictReader(f)
                 if row["split"] != "train" and row["augmented"] == "0" and int(row["n_boxes"]) > 0]
    return [data / "traffic_lights" / file for file in files[::2]]


def frames(data):
    """Yields (seconds since the start, JPEG file)."""
    at = 0.0
    for file in road(data):
        yield at, file
        at += 0.08
    for file in [*signs(data), *lights(data)]:
        for _ in range(5):  # half a second at 10 Hz
            yield at, file
            at += 0.1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with video/, sign_frames/ and traffic_lights/")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "demo.mcap")
    args = parser.parse_args()
    types = get_typestore(Stores.ROS2_JAZZY)
    image, header, stamp = (types.types[n] for n in (
        "sensor_msgs/msg/CompressedImage", "std_msgs/msg/Header", "builtin_interfaces/msg/Time"))
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        bag = pathlib.Path(folder) / "demo"
        writer = Writer(bag, version=9, storage_plugin=StoragePlugin.MCAP)
        writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
        with writer:
            connection = writer.add_connection(TOPIC, image.__msgtype__, typestore=types)
            count = 0
            for seconds, file in frames(args.data):
                ns = START + round(seconds * 1e9)
                message = image(header(stamp(ns // 10**9, ns % 10**9), "camera"), "jpeg",
                                np.frombuffer(file.read_bytes(), dtype=np.uint8))
                writer.write(connection, ns, types.serialize_cdr(message, image.__msgtype__))
                count += 1
        shutil.move(next(bag.glob("*.mcap")), args.out)
    print(f"{args.out}: {count} frames, {args.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
