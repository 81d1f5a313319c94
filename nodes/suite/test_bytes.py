"""The suite's messages, and the vectors that the Go codec is tested with, are byte for byte what rclpy writes.

Padding apart: Fast CDR, which writes for rclpy, leaves those bytes as they are in its buffer; ours are zero.
"""

import importlib

import pictures
import pytest
from bags import padded
from peer import OUTPUTS, Spinner
from process import ROOT
from rclpy.serialization import deserialize_message, serialize_message

GOLDEN = ROOT / "internal" / "ros" / "msg" / "testdata" / "golden"
TYPES = {
    "image": "sensor_msgs/Image", "compressed": "sensor_msgs/CompressedImage", "string": "std_msgs/String",
    "detections": "vision_msgs/Detection2DArray", "job": "rtmdl/JobTiming", "task": "rtmdl/TaskStatus",
    "status": "rtmdl/SchedulerStatus", "request": "rtmdl/Job", "result": "rtmdl/JobResult",
    "serialized": "rtmdl/SerializedMessage",
    "markers": "visualization_msgs/MarkerArray", "path": "nav_msgs/Path", "camera": "sensor_msgs/CameraInfo",
    "lanes": "rtmdl/LaneLines",
    "clock": "rosgraph_msgs/Clock", "parameter": "rcl_interfaces/ParameterEvent",
    "diagnostics": "diagnostic_msgs/DiagnosticArray", "transition": "lifecycle_msgs/TransitionEvent",
}


def vectors(ending):
    return sorted(f.stem for f in GOLDEN.glob("*.hex") if f.stem.endswith("_be") == (ending == "_be"))


def read(name):
    """The bytes of a vector, and the class of its message."""
    package, kind = TYPES[name.split("_")[0]].split("/")
    return bytes.fromhex((GOLDEN / f"{name}.hex").read_text()), getattr(importlib.import_module(f"{package}.msg"), kind)


def test_every_type_of_the_codec_has_vectors_in_both_byte_orders():
    assert {name.split("_")[0] for name in vectors("")} == set(TYPES)
    assert vectors("_be") == [name + "_be" for name in vectors("")]


def assert_same_bytes(ours, kind, fill=bytes):
    """fill: what is done to what rclpy writes before the two are compared."""
    message = deserialize_message(ours, kind)
    theirs = fill(serialize_message(message))
    if "parameter" in kind.__name__.lower():  # Fast CDR guesses the size of empty lists of 8-byte numbers too high
        theirs = theirs[:len(ours)]
    assert len(ours) == len(theirs)
    differing = [i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    assert not any(ours[i] for i in differing), f"bytes {differing} differ and are no padding"
    assert deserialize_message(theirs, kind) == message, f"bytes {differing} differ and are no padding"


@pytest.mark.parametrize("name", vectors(""))
def test_a_vector_of_the_go_codec_is_what_rclpy_writes(name):
    data, kind = read(name)
    assert_same_bytes(data, kind)
    assert deserialize_message(read(name + "_be")[0], kind) == deserialize_message(data, kind)


def test_what_the_suite_publishes_is_what_rclpy_writes(raw, opened):
    received = {topic: [] for topic in OUTPUTS}
    listener = opened(Spinner("raw_listener", namespace="/raw"))
    for topic, kind in OUTPUTS.items():
        listener.node.create_subscription(kind, topic, received[topic].append, 10, raw=True)
    bad = pictures.grey()
    bad.encoding = "bayer_rggb8"
    photograph = pictures.raw(pictures.light(), "rgb8")
    photograph.header.frame_id = "front camera/ä"

    def complete():
        raw.peer.ask(bad)
        raw.peer.ask(photograph)
        return all(len(messages) >= 2 for messages in received.values())

    listener.wait(complete)
    for topic, messages in received.items():
        for data in messages:
            assert_same_bytes(data, OUTPUTS[topic], padded)
    largest = max(received["traffic_light/detections"], key=len)
    assert len(deserialize_message(largest, OUTPUTS["traffic_light/detections"]).detections) > 1
