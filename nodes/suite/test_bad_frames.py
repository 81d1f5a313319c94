"""Bad frames: each is a counted loss with a reason, and the suite answers the next good frame."""

import array
import struct

import numpy as np
import pictures
import pytest
from peer import Peer
from pictures import JPEG
from rclpy.qos import qos_profile_sensor_data
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image

DAMAGED, ENCODING, TOO_LARGE = "damaged image", "unsupported encoding", "image too large"


def grey(**changes):
    """A grey frame of 64x48 bgr8 with other fields."""
    message = pictures.grey()
    for name, value in changes.items():
        setattr(message, name, array.array("B", value) if name == "data" else value)
    return message


def jpeg_of_size(width, height):
    """light.jpg with another size in its header (the frame header's marker, length and precision go before it)."""
    at = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:at] + struct.pack(">HH", height, width) + JPEG[at + 4 :]


def assert_lost(running, picture, *reason):
    """The frame is refused or fails, for the reason, and the one that follows is answered."""
    timing, _ = running.peer.ask(picture)
    assert timing.outcome in (timing.OUTCOME_REFUSED, timing.OUTCOME_FAILED)
    assert timing.missed
    assert timing.published_ns == 0
    assert timing.reason.startswith("bad_image: ")
    assert all(words in timing.reason for words in reason), timing.reason
    assert "\n" not in timing.reason
    assert_lives(running)


def assert_lives(running):
    good = pictures.grey() if running.peer.camera.msg_type is Image else pictures.compressed(pictures.PNG)
    timing, _ = running.peer.ask(good)
    assert timing.outcome == timing.OUTCOME_PUBLISHED
    assert running.suite.running


@pytest.mark.parametrize(("picture", "reason"), [
    pytest.param(*case, id=name) for name, case in {
        "0x0": (grey(width=0, height=0, step=0, data=b""), (DAMAGED, "0 x 0")),
        "no columns": (grey(width=0), (DAMAGED, "0 x 48")),
        "no rows": (grey(height=0), (DAMAGED, "64 x 0")),
        "no data": (grey(data=b""), (DAMAGED, "0 bytes of data", "9216 needed")),
        "one byte short": (grey(data=bytes(64 * 48 * 3 - 1)), (DAMAGED, "9215 bytes of data", "9216 needed")),
        "step of 0": (grey(step=0), (DAMAGED, "step 0", "192 bytes")),
        "step one byte short": (grey(step=191), (DAMAGED, "step 191", "192 bytes")),
        "largest step": (grey(step=2**32 - 1), (DAMAGED, "needed for 48 rows")),
        "largest sizes": (grey(width=2**32 - 1, height=2**32 - 1, step=2**32 - 1), ("4294967295",)),
        "8000x6000 without the data": (grey(width=8000, height=6000, step=24000), ("6000",)),
        "Bayer": (grey(encoding="bayer_rggb8"), (ENCODING, "'bayer_rggb8'", "bgr8, rgb8, bgra8", "image_proc")),
        "no encoding": (grey(encoding=""), (ENCODING, "''")),
        "endless encoding": (grey(encoding="x" * 10_000), (ENCODING, "'xxx")),
    }.items()
])
def test_a_bad_raw_frame_is_a_counted_loss(raw, picture, reason):
    assert_lost(raw, picture, *reason)


@pytest.mark.parametrize(("data", "reason"), [
    pytest.param(*case, id=name) for name, case in {
        "no data": (b"", (ENCODING, "neither JPEG nor PNG")),
        "text": (b"hello", (ENCODING, "neither JPEG nor PNG")),
        "JPEG cut in its first bytes": (JPEG[:2], (DAMAGED,)),
        "JPEG cut in its header": (JPEG[:200], (DAMAGED,)),
        "JPEG cut in the middle": (JPEG[: len(JPEG) // 2], (DAMAGED,)),
        "JPEG with zeros for tables": (JPEG[:20] + bytes(140) + JPEG[160:], (DAMAGED,)),
        "JPEG of 0x0": (jpeg_of_size(0, 0), (DAMAGED,)),
        "JPEG of 8000x6000": (jpeg_of_size(8000, 6000), (TOO_LARGE, "8000 x 6000")),
        "PNG cut in the middle": (pictures.PNG[: len(pictures.PNG) // 2], (DAMAGED,)),
        "PNG of 0x0": (pictures.png(0, 0), (DAMAGED,)),
        "PNG of 8000x6000": (pictures.png(8000, 6000), (TOO_LARGE, "8000 x 6000")),
        "PNG of the largest size": (pictures.png(2**31 - 1, 2**31 - 1, b""), ()),
    }.items()
])
def test_a_bad_compressed_frame_is_a_counted_loss(compressed, data, reason):
    assert_lost(compressed, pictures.compressed(data), *reason)


def test_a_frame_of_one_pixel_is_a_frame(raw, compressed):
    for running, picture in ((raw, pictures.grey(1, 1)), (compressed, pictures.compressed(pictures.png(1, 1)))):
        timing, _ = running.peer.ask(picture)
        assert timing.outcome == timing.OUTCOME_PUBLISHED, timing.reason
        assert_lives(running)


def test_a_jpeg_with_damaged_pixels_ends_in_one_outcome(compressed):
    """What is wrong between the markers can't be told from a picture; it must harm nothing."""
    for at in range(700, len(JPEG) - 2000, 2500):
        timing, _ = compressed.peer.ask(pictures.compressed(JPEG[:at] + bytes(1500) + JPEG[at + 1500 :]))
        assert timing.outcome in (timing.OUTCOME_PUBLISHED, timing.OUTCOME_REFUSED, timing.OUTCOME_FAILED)
    assert_lives(compressed)


@pytest.mark.parametrize("damage", [
    pytest.param(lambda data: data[: len(data) // 2], id="cut in the middle"),
    pytest.param(lambda data: data[:10], id="cut in its header"),
    pytest.param(lambda data: data[:1], id="one byte"),
    pytest.param(lambda data: data + bytes(100), id="with bytes left over"),
    pytest.param(lambda data: b"\xff" * len(data), id="all ones"),
    pytest.param(lambda data: data[:12] + b"\xff\xff\xff\x7f" + data[16:], id="with an endless frame_id"),
])
def test_a_message_that_is_no_image_is_a_counted_loss(raw, damage):
    raw.peer.forget()
    raw.peer.camera.publish(bytes(damage(serialize_message(pictures.grey()))))
    (timing,) = raw.peer.wait(lambda: raw.peer.timings)
    assert timing.outcome == timing.OUTCOME_REFUSED
    assert timing.reason.startswith("bad_image: " + DAMAGED)
    assert_lives(raw)


def test_a_raw_frame_that_is_too_large_is_a_counted_loss(raw, opened):
    peer = opened(Peer(Image, qos=1, namespace="/raw")).connect(pictures.grey())
    timing, _ = peer.ask(pictures.raw(np.zeros((4096, 4097), np.uint8), "mono8"))
    assert timing.outcome == timing.OUTCOME_REFUSED
    assert timing.reason.startswith("bad_image: " + TOO_LARGE)
    assert_lives(raw)


def test_a_raw_frame_of_144_megabytes_does_no_harm(raw, opened):
    """It is larger than the middleware's shared memory: lost there, or refused; either way the next one is answered."""
    peer = opened(Peer(Image, qos=qos_profile_sensor_data, namespace="/raw")).connect(pictures.grey())
    header = peer.show(pictures.raw(np.zeros((6000, 8000, 3), np.uint8)))
    peer.serve(0.5)
    timing, _ = peer.ask(pictures.grey())
    assert timing.outcome == timing.OUTCOME_PUBLISHED
    assert all(t.outcome == t.OUTCOME_REFUSED for t in peer.timings if t.header == header)
    assert_lives(raw)


def test_a_flood_of_bad_frames_is_logged_once_a_second_at_most(compressed):
    before = compressed.suite.output().count("a frame was not worked on")
    compressed.peer.forget()
    for _ in range(50):
        compressed.peer.ask(pictures.compressed(b""))
    lines = compressed.suite.output().count("a frame was not worked on") - before
    assert len(compressed.peer.timings) == 50
    assert lines <= 2 + (compressed.peer.timings[-1].received_ns - compressed.peer.timings[0].received_ns) / 1e9
