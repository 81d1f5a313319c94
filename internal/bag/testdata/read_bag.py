"""Reads a bag with the Python package rosbags, for TestRosbagsReadsTheSame: prints one JSON line a topic, then one a message.

The types are built from the definitions in the bag alone, and each message is decoded with them and encoded again.
"""
import hashlib
import json
import pathlib
import sys

from rosbags.highlevel import AnyReader
from rosbags.typesys import Stores, get_typestore

with AnyReader([pathlib.Path(sys.argv[1])], default_typestore=get_typestore(Stores.EMPTY)) as reader:
    for connection in reader.connections:
        qos = connection.ext.offered_qos_profiles
        print(json.dumps({
            'topic': connection.topic, 'type': connection.msgtype, 'count': connection.msgcount,
            'reliability': [q.reliability.value for q in qos], 'depth': [q.depth for q in qos],
        }))
    for connection, timestamp, raw in reader.messages():
        message = reader.deserialize(raw, connection.msgtype)
        again = bytes(reader.typestore.serialize_cdr(message, connection.msgtype))
        print(json.dumps({
            'topic': connection.topic, 'time': timestamp, 'sha256': hashlib.sha256(raw).hexdigest(),
            'again': again == raw,
        }))
