"""/diagnostics and warnings: whoever starts the suite and sees nothing is told why, and what to do."""

import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from peer import Diagnoses, Peer, Spinner
from pictures import grey
from process import PATIENT, start_suite
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image
from services import Caller
from vision_msgs.msg import Detection2DArray


@pytest.fixture
def listener(opened):
    diagnoses = Diagnoses(opened(Spinner("diagnostics")))
    yield diagnoses
    assert all(seconds > 0 for seconds in diagnoses.stamps)


OK, WARN, ERROR, STALE = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR, DiagnosticStatus.STALE


def values(status):
    return {v.key: v.value for v in status.values}


def test_health_from_the_first_second_to_an_overload(programs, opened, listener):
    suite = start_suite(programs, PATIENT)
    listener.says("scheduler: traffic_light", STALE, "waiting for the first frame")
    assert values(listener.parts["scheduler: traffic_light"])["inference_ms"] == "n/a"
    listener.says("traffic_light: camera", WARN, "there is no publisher on /camera/image_raw")
    assert "image_topic names the camera's topic" in suite.says("there is no publisher on /camera/image_raw")
    peer = opened(Peer(Image)).connect(grey())
    timer = peer.node.create_timer(0.1, lambda: peer.show(grey()))
    listener.spinner.executor.add_node(peer.node)
    listener.says("scheduler: traffic_light", OK, "deadlines are kept")
    listener.says("traffic_light: camera", OK, "frames come")
    seen = values(listener.parts["scheduler: traffic_light"])
    assert 0 < float(seen["inference_ms"]) < float(seen["total_ms"]) < 20000
    assert seen["variant"] == "w100"
    assert float(seen["deadline_ms"]) == 20000
    listener.spinner.executor.remove_node(peer.node)
    caller = opened(Caller())
    peer.node.destroy_timer(timer)
    assert caller.change("scheduler", "deactivate")
    listener.says("scheduler: traffic_light", WARN, "the scheduler is inactive")
    listener.says("traffic_light: camera", WARN, "the camera has fallen silent")


def test_sustained_misses_are_an_error(programs, opened, listener):
    suite = start_suite(programs, "deadline_ms:=0.1", "late_policy:=run")
    peer = opened(Peer(Image))
    peer.node.create_timer(0.1, lambda: peer.show(grey()))
    listener.spinner.executor.add_node(peer.node)
    listener.says("scheduler: traffic_light", WARN, "over budget")
    listener.says("scheduler: traffic_light", ERROR, "most of the time is inference, for 5 s")
    listener.spinner.executor.remove_node(peer.node)
    assert "infer_ms" in suite.says("more than half of the deadlines are missed")


def test_a_publisher_of_another_type_is_named_with_the_topics_there_are(programs, opened):
    other = opened(Spinner("other"))
    other.node.create_publisher(CompressedImage, "camera/image_raw", 10)
    other.node.create_publisher(Image, "front/image_raw", 10)
    suite = start_suite(programs, PATIENT)
    line = suite.says("is of another type")
    assert "sensor_msgs/msg/CompressedImage" in line
    assert "wanted is sensor_msgs/msg/Image" in line
    assert "/front/image_raw" in line


def test_a_subscriber_that_asks_for_more_is_named_with_both_sides_qos(programs, opened):
    other = opened(Spinner("demanding"))
    qos = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    other.node.create_subscription(Detection2DArray, "traffic_light/detections", lambda _: None, qos)
    suite = start_suite(programs, PATIENT)
    line = suite.says("gets nothing of /traffic_light/detections")
    assert "it requests reliable, transient_local" in line
    assert "is offered: transient_local is requested, volatile is offered" in line
    assert other.node.get_name() in line
