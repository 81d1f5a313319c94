"""Debug images: the frame with what was found in it, for whoever subscribes."""

import io

import numpy as np
import pictures
from sensor_msgs.msg import CompressedImage, Image


def listen(peer, kind, topic):
    """A subscription as rviz makes it, and what has come."""
    came = []
    return peer.node.create_subscription(kind, topic, came.append, 1), came


def test_a_raw_debug_image_is_the_frame_with_its_boxes(raw):
    peer, pixels = raw.peer, pictures.light()[:, :, ::-1]  # bgr
    subscription, came = listen(peer, Image, "traffic_light/debug_image")
    with peer.streaming(pictures.raw(pixels)):
        image = peer.wait(lambda: next((i for i in came if i.width == pixels.shape[1]), None), what="a debug image")
    peer.node.destroy_subscription(subscription)
    assert (image.encoding, image.step, image.header.frame_id) == ("bgr8", 3 * image.width, "camera")
    drawn = np.asarray(image.data, np.uint8).reshape(pixels.shape)
    same = (drawn == pixels).all(axis=2)
    assert 0.05 < same.mean() < 0.995  # both the frame and something on it


def test_a_compressed_debug_image_comes_by_itself(raw):
    peer = raw.peer
    subscription, came = listen(peer, CompressedImage, "traffic_light/debug_image/compressed")
    with peer.streaming(pictures.grey(320, 240)):
        image = peer.wait(lambda: came, what="a compressed debug image")[0]
    peer.node.destroy_subscription(subscription)
    assert image.format.endswith("jpeg compressed bgr8")
    assert io.BytesIO(image.data).read(2) == b"\xff\xd8"
