"""Bad frames: each is a counted loss with a reason, and the suite answers the next good frame."""

import bad_pictures
import numpy as np
import pictures
import pytest
from bad_pictures import DAMAGED, TOO_LARGE
from peer import Peer
from pictures import JPEG
from rclpy.qos import qos_profile_sensor_data
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image


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


@pytest.mark.parametrize(("picture", "reason"), bad_pictures.RAW.values(), ids=bad_pictures.RAW)
def test_a_bad_raw_frame_is_a_counted_loss(raw, picture, reason):
    assert_lost(raw, picture, *reason)


@pytest.mark.parametrize(("data", "reason"), bad_pictures.COMPRESSED.values(), ids=bad_pictures.COMPRESSED)
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


@pytest.mark.parametrize("damage", bad_pictures.DAMAGES.values(), ids=bad_pictures.DAMAGES)
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
