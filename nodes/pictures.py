"""Pictures as the messages of a camera."""

import array
import pathlib
import struct
import zlib

import numpy as np
from sensor_msgs.msg import CompressedImage, Image

TESTDATA = pathlib.Path(__file__).parent / "suite" / "testdata"
JPEG = (TESTDATA / "light.jpg").read_bytes()  # a photograph of a green light, 320x240
PNG = (TESTDATA / "light.png").read_bytes()  # the same, 160x120
CHANNELS = {"bgra8": 4, "rgba8": 4, "bgr8": 3, "rgb8": 3, "mono8": 1}


def compressed(data, form="jpeg"):
    message = CompressedImage(format=form, data=array.array("B", data))
    message.header.frame_id = "camera"
    return message


def raw(pixels, encoding="bgr8"):
    """pixels: an array of height x width x channels, or of height x width."""
    height, width = pixels.shape[:2]
    message = Image(height=height, width=width, encoding=encoding, step=width * CHANNELS.get(encoding, 1))
    message.data = array.array("B", np.ascontiguousarray(pixels, np.uint8).tobytes())
    message.header.frame_id = "camera"
    return message


def grey(width=64, height=48, encoding="bgr8"):
    return raw(np.full((height, width, CHANNELS[encoding]), 128), encoding)


def png(width, height, rows=None):
    """A PNG file of a size; its pixels are grey unless rows (RGB, each with a filter byte 0 in front) are given."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    if rows is None:
        rows = (b"\0" + b"\x80" * (3 * width)) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def light():
    """The pixels of light.png, RGB: it was written with one IDAT and without filters, so that this suffices."""
    width, height = struct.unpack(">II", PNG[16:24])
    length = struct.unpack(">I", PNG[33:37])[0]
    rows = np.frombuffer(zlib.decompress(PNG[41 : 41 + length]), np.uint8).reshape(height, 1 + 3 * width)
    return rows[:, 1:].reshape(height, width, 3)
