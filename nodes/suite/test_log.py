"""The suite's log lines reach /rosout."""

import pictures
from peer import Peer, Spinner
from process import PATIENT, start_suite
from rcl_interfaces.msg import Log
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import Image


def test_log_lines_reach_rosout_with_their_node_level_and_fields(programs, opened):
    listener, lines = opened(Spinner("log_listener")), []
    listener.node.create_subscription(
        Log, "/rosout", lines.append, QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    suite = start_suite(programs, PATIENT, "max_pendign:=3")
    peer = opened(Peer(Image)).connect(pictures.grey())
    bad = pictures.grey()
    bad.encoding = "bayer_rggb8"
    peer.ask(bad)
    expected = [
        ("scheduler", Log.WARN, "parameters that no node of this process has", "max_pendign"),
        ("scheduler", Log.INFO, "model loaded", "w100.onnx"),
        ("scheduler", Log.INFO, "ready", "camera/image_raw"),
        ("traffic_light", Log.WARN, "a frame was not worked on", "bayer_rggb8"),
    ]
    for name, level, text, detail in expected:
        listener.wait(lambda n=name, v=level, t=text, d=detail: any(
            line.name == n and bytes([line.level]) == as_byte(v) and line.msg.startswith(t) and d in line.msg
            for line in lines), what=f"the line '{text}' of {name}")
    assert suite.stop()[0] == 0
    listener.wait(lambda: any(line.msg.startswith("frames by outcome") for line in lines), what="the last line")


def as_byte(level):
    return level if isinstance(level, bytes) else bytes([level])
