"""Writes the bags beside this file, as other recorders write them, with the Python package rosbags: write_bags.py FOLDER.

Those that are committed are of rosbags 0.11.9. 'sqlite' is what Humble records by default.
"""
import pathlib
import sys

from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

store = get_typestore(Stores.ROS2_HUMBLE)
String = store.types["std_msgs/msg/String"]
for name, version, plugin, mode in (
        ("sqlite", 8, StoragePlugin.SQLITE3, None), ("sqlite_file", 8, StoragePlugin.SQLITE3, CompressionMode.FILE),
        ("sqlite_message", 9, StoragePlugin.SQLITE3, CompressionMode.MESSAGE), ("mcap_file", 9, StoragePlugin.MCAP, CompressionMode.FILE),
        ("mcap_message", 9, StoragePlugin.MCAP, CompressionMode.MESSAGE)):
    writer = Writer(pathlib.Path(sys.argv[1]) / name, version=version, storage_plugin=plugin)
    if mode:
        writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        topics = [writer.add_connection(t, String.__msgtype__, typestore=store) for t in ("/a", "/b")]
        for i in range(20):
            writer.write(topics[i % 2], 1_000_000_000 + i, store.serialize_cdr(String(f"message {i}"), String.__msgtype__))
