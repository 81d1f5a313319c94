"""All three tasks on one camera, over real DDS: what they find, and the lane's middle on the ground."""

import collections
import time

import pictures
import pytest
from nav_msgs.msg import Path
from peer import OUTPUTS, Peer, with_header
from process import PATIENT, ROOT, start_suite
from rtmdl.msg import JobTiming, LaneLines
from sensor_msgs.msg import CameraInfo, CompressedImage
from vision_msgs.msg import Detection2DArray
from visualization_msgs.msg import MarkerArray

PERCEPTION = ROOT / "internal" / "perception"
ROAD = pictures.compressed((PERCEPTION / "lane/testdata/road/00160.jpg").read_bytes())  # 640x360, both lines
SIGNS = pictures.compressed((PERCEPTION / "sign/testdata/sign_frames/val/00312.jpg").read_bytes())  # 680x400
TOPICS = {"sign/detections": Detection2DArray, "lane/lines": LaneLines, "lane/path": Path, "lane/markers": MarkerArray}


@pytest.fixture(scope="module")
def camera(shared_programs):
    """A camera with its calibration, and a suite of all tasks."""
    suite = start_suite(
        shared_programs, PATIENT, "tasks:=[traffic_light, sign, lane]", "image_transport:=compressed", "camera_height_m:=1.2",
        "camera_pitch_deg:=2.0", arguments=("-r", "__ns:=/three"))
    peer = Peer(CompressedImage, namespace="/three", outputs=OUTPUTS)
    peer.came = collections.defaultdict(list)
    for topic, kind in TOPICS.items():
        peer.node.create_subscription(kind, topic, peer.came[topic].append, 100)
    info = peer.node.create_publisher(CameraInfo, "camera/camera_info", 10)
    calibration = CameraInfo(height=360, width=640, k=[500.0, 0.0, 319.5, 0.0, 500.0, 179.5, 0.0, 0.0, 1.0])
    timer = peer.node.create_timer(0.2, lambda: info.publish(calibration))
    with peer.streaming(ROAD, 10):
        peer.wait(lambda: peer.detections and all(peer.came[t] for t in TOPICS), what="an answer on every topic")
    peer.node.destroy_timer(timer)
    peer.serve(1)
    yield peer
    peer.close()
    assert suite.stop()[0] == 0


def ask(peer, picture):
    """Shows a picture and returns what came of it on each topic."""
    header = peer.show(picture)
    peer.wait(lambda: len([t for t in peer.timings if t.header == header]) == 3, what="three job timings")
    assert {t.task for t in peer.timings if t.header == header} == {"traffic_light", "sign", "lane"}
    assert all(t.outcome == JobTiming.OUTCOME_PUBLISHED for t in peer.timings if t.header == header)
    for topic in ("sign/detections", "lane/lines"):
        peer.wait(lambda topic=topic: with_header(peer.came[topic], header), what=topic)
    return header


def test_signs_are_found_and_named(camera):
    found = with_header(camera.came["sign/detections"], ask(camera, SIGNS))
    seen = {d.results[0].hypothesis.class_id: d.bbox for d in found.detections}
    assert "speed_limit_80" in seen or "speed_limit_50" in seen or "speed_limit_100" in seen, sorted(seen)
    for box in seen.values():
        assert 0 <= box.center.position.x <= 680
        assert 0 <= box.center.position.y <= 400


def test_both_lines_are_found_and_the_middle_is_told_on_the_ground(camera):
    header = ask(camera, ROAD)
    lines = with_header(camera.came["lane/lines"], header)
    assert (lines.image_width, lines.image_height) == (640, 360)
    near = {name: getattr(lines, name).points[0] for name in ("left", "right")}
    assert near["left"].x < 320 < near["right"].x
    assert lines.offset_valid
    assert lines.offset_share == pytest.approx(lines.offset_px / lines.width_px)

    def on_the_ground():
        return next((p for p in camera.came["lane/path"] if p.header.stamp == header.stamp), None)

    path = camera.wait(on_the_ground, what="a path")
    assert path.header.frame_id == "base_link"
    ahead = [p.pose.position.x for p in path.poses]
    assert ahead == sorted(ahead)
    assert ahead[0] > 1
    assert all(abs(p.pose.position.y) < 2 for p in path.poses)
    markers = camera.wait(lambda: next((m for m in camera.came["lane/markers"] if m.markers[0].header.stamp == header.stamp), None))
    assert {m.ns for m in markers.markers[1:]} == {"left", "right", "centre"}


def test_a_wall_shows_nothing(camera):
    header = ask(camera, pictures.compressed(pictures.png(320, 240)))
    assert with_header(camera.came["sign/detections"], header).detections == []
    lines = with_header(camera.came["lane/lines"], header)
    assert not lines.left.points
    assert not lines.right.points
    assert not lines.offset_valid


def test_every_task_accounts_for_every_frame(camera):
    header = ask(camera, ROAD)
    now = time.time()
    status = camera.wait(lambda: next((s for s in camera.statuses if s.header.stamp.sec > now and all(t.pending == 0 for t in s.tasks)), None),
                         what="a status with nothing pending")
    assert header
    assert len(status.tasks) == 3
    assert len({t.received for t in status.tasks}) == 1  # the same frames
    for t in status.tasks:
        assert t.received == t.published + t.replaced + t.expired + t.refused + t.cancelled + t.failed
