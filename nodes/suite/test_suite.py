"""The suite over real DDS: an rclpy peer publishes pictures and receives what comes back."""

import pathlib
import time

import pytest
import rclpy
from conftest import wait_for
from rtmdl.msg import JobTiming, SchedulerStatus
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import String
from vision_msgs.msg import Detection2DArray

LIGHT = (pathlib.Path(__file__).parent / "testdata" / "light.jpg").read_bytes()


class Peer:
    """A camera and a listener."""

    def __init__(self):
        self.node = rclpy.create_node("peer")
        self.camera = self.node.create_publisher(CompressedImage, "camera/image_raw/compressed", 10)
        self.detections, self.states, self.timings, self.statuses = [], [], [], []
        for kind, topic, to in (
            (Detection2DArray, "traffic_light/detections", self.detections),
            (String, "traffic_light/state", self.states),
            (JobTiming, "scheduler/job_timing", self.timings),
            (SchedulerStatus, "scheduler/status", self.statuses),
        ):
            self.node.create_subscription(kind, topic, to.append, 100)

    def connect(self):
        """Shows frames until all outputs have come back: then both sides know each other, and counting can begin."""
        lists = (self.detections, self.states, self.timings)
        shown = 0
        while not all(lists):
            shown += 1
            assert shown < 100, "no answer from the suite"
            self.show(0)
            end = time.monotonic() + 0.1
            wait_for(lambda: all(lists) or time.monotonic() > end, node=self.node)
        end = time.monotonic() + 0.3  # what is still on its way
        wait_for(lambda: time.monotonic() > end, node=self.node)
        for received in (*lists, self.statuses):
            received.clear()

    def show(self, number, data=LIGHT):
        picture = CompressedImage(format="jpeg", data=data)
        picture.header.stamp.sec = 1_700_000_000 + number
        picture.header.stamp.nanosec = 123_456_789
        picture.header.frame_id = "front camera/ä"
        self.camera.publish(picture)
        return picture.header

    def wait(self, condition, seconds=10.0):
        wait_for(condition, seconds, self.node)


@pytest.fixture
def peer():
    p = Peer()
    yield p
    p.node.destroy_node()


def test_a_frame_comes_back_as_detections_with_its_header(start, peer):
    start("image_transport:=compressed")
    peer.connect()
    header = peer.show(1)
    peer.wait(lambda: peer.detections and peer.states and peer.timings)
    assert peer.detections[0].header == header
    (timing,) = peer.timings
    assert timing.header == header
    assert timing.outcome == JobTiming.OUTCOME_PUBLISHED
    assert 0 < timing.received_ns <= timing.pre_started_ns <= timing.pre_ended_ns <= timing.infer_started_ns
    assert timing.infer_started_ns < timing.infer_ended_ns <= timing.post_started_ns <= timing.published_ns
