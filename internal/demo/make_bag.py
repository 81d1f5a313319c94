"""Makes demo.mcap from the project's data: real pictures as a camera would publish them.

    internal/setup/python.sh internal/demo/make_bag.py --data DIR

A road clip (no traffic lights: the right answer is nothing), then photographs of traffic lights, each for half
a second. See SOURCE.txt for where they come from. The result is committed, so nobody needs to run this.
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


def frames(data):
    """Yields (seconds since the start, JPEG file)."""
    at = 0.0
    for i, file in enumerate(sorted((data / "video" / "road_white_right").glob("*.jpg"))[:75]):
        if i % 3 == 0:  # 25 Hz thinned to 8.3 Hz
            yield at + i / 25, file
    at += 3.0
    with open(data / "traffic_lights" / "cinta" / "frames.csv", newline="") as f:
        photographs = [row["file"] for row in csv.DictReader(f)
                       if row["split"] != "train" and row["augmented"] == "0" and int(row["n_boxes"]) > 0]
    for number, file in enumerate(photographs[::2]):
        for repeat in range(5):  # at 10 Hz
            yield at + number * 0.5 + repeat * 0.1, data / "traffic_lights" / file


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with video/ and traffic_lights/")
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
