"""Writing ONNX files: static shapes, and metadata."""
import inspect
import os
import warnings

import torch

OPSET = 13
IR_VERSION_MOST = 9


def to_onnx(module, shape, input_name, output_names, metadata, path, opset=OPSET):
    """Export a module (eval mode, one input) to path with metadata as metadata_props; returns the file's bytes.

    The file is written aside and renamed. Values of metadata are turned into strings.
    """
    module = module.eval().cpu()
    aside = path + ".part"
    options = {"opset_version": opset, "input_names": [input_name], "output_names": output_names}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False  # PyTorch 2 then needs the package onnx, and 1.13 none
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # 1.13 says of operators of one's own that 1.14 takes others
        torch.onnx.export(module, (torch.zeros(shape),), aside, **options)
    with open(aside, "rb") as f:
        data = f.read()
    check_version(ir_version(data), aside)
    # Protocol buffers may be extended by appending: field 14 of ModelProto is the repeated metadata_props.
    for key, value in metadata.items():
        entry = _field(1, key.encode()) + _field(2, str(value).encode())
        data += _field(14, entry)
    with open(aside, "wb") as f:
        f.write(data)
    os.replace(aside, path)
    return len(data)


def check_version(version, path):
    """Raises RuntimeError for a file whose ir_version is too new."""
    if version > IR_VERSION_MOST:
        raise RuntimeError(f"{path}: ir_version {version}, at most {IR_VERSION_MOST} is read everywhere")


def ir_version(data):
    """ir_version of a serialised ModelProto: field 1, a varint below 128, which exporters write first."""
    if data[:1] != b"\x08":
        raise ValueError("not an ONNX model: ir_version does not come first")
    return data[1]


def _field(number, payload):
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))
