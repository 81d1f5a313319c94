"""Writes a rosbag2 folder with the Python package rosbags, for TestRosbagsFoldersAreRead: FOLDER none|storage."""
import pathlib
import sys

from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

store = get_typestore(Stores.ROS2_JAZZY)
String, Header, Time = (store.types[name] for name in (
    'std_msgs/msg/String', 'std_msgs/msg/Header', 'builtin_interfaces/msg/Time'))
forever = QosTime(2147483647, 4294967295)
qos = Qos(QosHistory.KEEP_LAST, 7, QosReliability.BEST_EFFORT, QosDurability.VOLATILE, forever, forever,
          QosLiveliness.AUTOMATIC, forever, False)
writer = Writer(pathlib.Path(sys.argv[1]), version=9, storage_plugin=StoragePlugin.MCAP)
if sys.argv[2] == 'storage':
    writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
with writer:
    text = writer.add_connection('/text', String.__msgtype__, typestore=store, offered_qos_profiles=[qos])
    head = writer.add_connection('/head', Header.__msgtype__, typestore=store)
    for i in range(2000):
        if i % 2:
            writer.write(head, i, store.serialize_cdr(Header(Time(i, 5), 'x' * (i % 50)), Header.__msgtype__))
        else:
            writer.write(text, i, store.serialize_cdr(String(f'message {i}'), String.__msgtype__))
