"""Frames of every kind come back as detections, over real DDS."""

import numpy as np
import pictures
import pytest
from builtin_interfaces.msg import Time
from car import Car
from peer import Peer, with_header
from process import PATIENT, start_suite
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from sensor_msgs.msg import Image
from std_msgs.msg import Header

LABELS = {"red", "yellow", "green"}


def boxes(detections):
    """What was found, without the headers."""
    return [(d.results, d.bbox) for d in detections.detections]


@pytest.mark.parametrize(("sec", "nanosec", "frame"), [
    (0, 0, ""),
    (1_700_000_000, 123_456_789, "camera"),
    (-1, 999_999_999, "front camera/ä 灯"),
    (-(2**31), 1, "x" * 301),
    (2**31 - 1, 2**32 - 1, " "),
])
def test_every_output_has_the_header_of_its_frame_to_the_bit(raw, sec, nanosec, frame):
    raw.peer.forget()
    picture = pictures.grey()
    picture.header = Header(stamp=Time(sec=sec, nanosec=nanosec), frame_id=frame)
    raw.peer.camera.publish(picture)
    timing, detections = raw.peer.answer(picture.header)
    assert timing.header == detections.header == picture.header
    assert detections.detections
    assert all(d.header == picture.header for d in detections.detections)


def test_a_green_light_is_found_and_a_grey_wall_gives_an_empty_array(programs, opened):
    start_suite(programs, PATIENT)
    peer = opened(Peer(Image)).connect(pictures.grey())
    _, found = peer.ask(pictures.raw(pictures.light(), "rgb8"))
    (light,) = found.detections
    (result,) = light.results
    assert result.hypothesis.class_id == "green"
    assert abs(light.bbox.center.position.x - 78) < 12
    assert abs(light.bbox.center.position.y - 58) < 12
    assert peer.wait(lambda: peer.states)[-1].data == "green"

    peer.forget()
    timing, found = peer.ask(pictures.grey(320, 240))
    assert timing.outcome == timing.OUTCOME_PUBLISHED
    assert found.detections == []
    (state,) = peer.wait(lambda: peer.states)
    assert state.data == "unknown"


@pytest.mark.parametrize("encoding", ["bgr8", "rgb8", "mono8"])
def test_boxes_are_inside_the_frame_and_have_one_known_label(raw, encoding):
    pixels = pictures.light()
    height, width = pixels.shape[:2]
    if encoding == "mono8":
        pixels = pixels.mean(axis=2)
    _, found = raw.peer.ask(pictures.raw(pixels, encoding))
    assert found.detections
    for d in found.detections:
        x, y = d.bbox.center.position.x, d.bbox.center.position.y
        assert d.bbox.size_x > 0
        assert d.bbox.size_y > 0
        assert d.bbox.size_x / 2 - 1e-6 <= x <= width - d.bbox.size_x / 2 + 1e-6
        assert d.bbox.size_y / 2 - 1e-6 <= y <= height - d.bbox.size_y / 2 + 1e-6
        (result,) = d.results
        assert result.hypothesis.class_id in LABELS
        assert 0.9e-7 <= result.hypothesis.score <= 1, "the threshold, but for rounding"


def test_the_same_pixels_give_the_same_boxes_in_every_encoding_and_transport(raw, compressed):
    rgb = pictures.light()
    _, expected = raw.peer.ask(pictures.raw(rgb, "rgb8"))
    padded = pictures.raw(np.pad(rgb, ((0, 0), (0, 5), (0, 0)), constant_values=255), "rgb8")
    padded.width -= 5  # five pixels of padding behind each row
    ways = {
        "bgr8": raw.peer.ask(pictures.raw(rgb[..., ::-1], "bgr8")),
        "padded rows": raw.peer.ask(padded),
        "bgra8": raw.peer.ask(pictures.raw(np.dstack([rgb[..., ::-1], rgb[..., :1]]), "bgra8")),
        "rgba8": raw.peer.ask(pictures.raw(np.dstack([rgb, rgb[..., :1]]), "rgba8")),
        "PNG": compressed.peer.ask(pictures.compressed(pictures.PNG, "png")),
    }
    for way, (_, found) in ways.items():
        assert boxes(found) == boxes(expected), way
    _, swapped = raw.peer.ask(pictures.raw(rgb, "bgr8"))
    assert boxes(swapped) != boxes(expected), "red and blue are told apart"


def test_jpeg_frames_come_back_whatever_their_format_field_says(compressed):
    for form in ("jpeg", "rgb8; jpeg compressed bgr8", "png", ""):
        timing, _ = compressed.peer.ask(pictures.compressed(pictures.JPEG, form))
        assert timing.outcome == timing.OUTCOME_PUBLISHED, (form, timing.reason)


@pytest.mark.parametrize("qos", [
    pytest.param(qos_profile_sensor_data, id="best effort"),
    pytest.param(QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE), id="reliable"),
    pytest.param(QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL), id="transient local"),
])
def test_cameras_of_every_quality_of_service_are_heard(raw, qos, opened):
    peer = opened(Peer(Image, qos=qos, namespace="/raw")).connect(pictures.grey())
    for _ in range(3):
        timing, _ = peer.ask(pictures.grey())
        assert timing.outcome == timing.OUTCOME_PUBLISHED


def test_frames_of_other_sizes_and_encodings_in_mid_stream(programs, opened):
    """Of all tasks, each frame by its own size: boxes are where they are alone, and debug images have the frame's size."""
    start_suite(programs, PATIENT, "tasks:=[traffic_light, sign, lane]", "score_threshold:=0.3")
    car = opened(Car()).connect(pictures.grey())
    shown = []
    car.node.create_subscription(Image, "traffic_light/debug_image", shown.append, 10)
    light = np.ascontiguousarray(pictures.light()[:, :, ::-1])  # 160 x 120, BGR
    frames = [pictures.raw(np.kron(light, np.ones((n, n, 1), np.uint8))) for n in (1, 4, 2, 3)]
    frames += [pictures.raw(light[:, :, ::-1], "rgb8"), pictures.grey(1, 1), pictures.grey(641, 3, "mono8"), pictures.grey(7, 900)]
    car.wait(lambda: car.node.get_publishers_info_by_topic("/traffic_light/debug_image"))
    found = {}
    for turn in range(3):
        for picture in frames if turn != 1 else reversed(frames):
            header = car.show(picture)
            results = [car.wait(lambda r=r: with_header(r, header), what="a result") for r in car.results.values()]
            key = (picture.width, picture.height, picture.encoding)
            found.setdefault(key, boxes(results[0]))
            assert found[key] == boxes(results[0]), "as if it were alone"
            for d in results[0].detections:
                assert 0 <= d.bbox.center.position.x - d.bbox.size_x / 2 <= d.bbox.center.position.x + d.bbox.size_x / 2 <= picture.width
                assert 0 <= d.bbox.center.position.y - d.bbox.size_y / 2 <= d.bbox.center.position.y + d.bbox.size_y / 2 <= picture.height
    assert all(found[size] for size in ((160, 120, "bgr8"), (640, 480, "bgr8"), (320, 240, "bgr8"), (480, 360, "bgr8"), (160, 120, "rgb8")))
    assert found[160, 120, "bgr8"] == found[160, 120, "rgb8"]
    car.wait(lambda: {(s.width, s.height) for s in shown} == {(f.width, f.height) for f in frames}, what="debug images of all sizes")
    assert all(s.published == s.received for s in car.statuses_at_rest())
