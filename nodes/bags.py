"""Bags written and read with the PyPI package rosbags, which shares no code with ours."""

import pathlib
import shutil
import tempfile

from rclpy.serialization import serialize_message
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

START = 1_700_000_000_000_000_000  # of written bags, in ns; any time would do


def type_name(message):
    return f"{type(message).__module__.split('.')[0]}/msg/{type(message).__name__}"


def padded(data):
    """A message as it leaves DDS: filled up to a multiple of four bytes."""
    return data + bytes(-len(data) % 4)


def write(path, messages):
    """Writes an MCAP file of (topic, seconds since START, rclpy message) in order of time; returns its path."""
    store = get_typestore(Stores.ROS2_JAZZY)
    serialized = {}  # the same message many times is serialized once
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        bag = pathlib.Path(folder) / "bag"
        with Writer(bag, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
            connections = {}
            for topic, seconds, message in messages:
                if topic not in connections:
                    connections[topic] = writer.add_connection(topic, type_name(message), typestore=store)
                data = serialized.setdefault(id(message), None) or serialize_message(message)
                serialized[id(message)] = data
                writer.write(connections[topic], START + round(seconds * 1e9), data)
        shutil.move(next(bag.glob("*.mcap")), path)
    return path


class Bag:
    """All of a bag, read with the definitions that it carries."""

    def __init__(self, path):
        with AnyReader([path], default_typestore=get_typestore(Stores.EMPTY)) as reader:
            self.types = {c.topic: c.msgtype for c in reader.connections}
            self.qos = {c.topic: c.ext.offered_qos_profiles for c in reader.connections}
            self.times, self.data, self.decoded = [], {topic: [] for topic in self.types}, []
            for connection, time, data in reader.messages():
                self.times.append(time)
                self.data[connection.topic].append(bytes(data))
                self.decoded.append(reader.deserialize(data, connection.msgtype))
