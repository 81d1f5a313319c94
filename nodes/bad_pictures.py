"""Pictures that are none, each with what its refusal says."""

import array
import struct

import pictures
from pictures import JPEG

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


RAW = {
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
}

COMPRESSED = {
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
}

# What is done to the bytes of a message, so that it is no image any more.
DAMAGES = {
    "cut in the middle": lambda data: data[: len(data) // 2],
    "cut in its header": lambda data: data[:10],
    "one byte": lambda data: data[:1],
    "with bytes left over": lambda data: data + bytes(100),
    "all ones": lambda data: b"\xff" * len(data),
    "with an endless frame_id": lambda data: data[:12] + b"\xff\xff\xff\x7f" + data[16:],
}
