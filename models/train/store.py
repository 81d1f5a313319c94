"""Storage shared by the ONNX files of a family: tensors that several levels have lie once in one file beside them.

ONNX's external data: a tensor names file, offset and length, and ONNX Runtime maps that file into memory.
"""
import hashlib
import os

import onnx
from onnx import numpy_helper

SHARED = "shared.data"
LEAST = 512    # bytes; a smaller tensor stays in its level's file
ALIGNED = 4096  # offsets, so that the parts can be mapped


def read(path):
    """An ONNX file with all its tensors as initializers: constants of the graph become such."""
    model = onnx.load(path)
    kept = []
    for node in model.graph.node:
        value = next((a.t for a in node.attribute if a.name == "value"), None) if node.op_type == "Constant" else None
        if value is None or len(value.raw_data) < LEAST:
            kept.append(node)
            continue
        tensor = model.graph.initializer.add()
        tensor.CopyFrom(value)
        tensor.name = node.output[0]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return model


def key(tensor):
    """What two tensors have in common that are the same: type, shape and bytes."""
    return tensor.data_type, tuple(tensor.dims), hashlib.sha256(numpy_helper.to_array(tensor).tobytes()).digest()


def share(levels, names, folder):
    """Writes the files of a family to folder, what several levels have once.

    levels: models as read gives them, names: theirs, the largest first. A part is what a set of them, and no other, has
    in common; they are numbered from what most have. Returns the parts (name to bytes), the parts of each level, and
    the parameters of each.
    """
    users = {}
    for name, model in zip(names, levels):
        for tensor in model.graph.initializer:
            if tensor.ByteSize() >= LEAST:
                users.setdefault(key(tensor), []).append(name)
    groups = {}
    for tensor, by in users.items():
        by = tuple(dict.fromkeys(by))
        if len(by) > 1:
            groups.setdefault(by, []).append(tensor)
    ordered = sorted(groups, key=lambda by: (-len(by), by))
    part_of = {by: f"part{i + 1}" for i, by in enumerate(ordered)}
    offsets, data, parts = {}, bytearray(), {}
    for by in ordered:
        begin = len(data)
        for model in levels:  # in the order in which the first model that has them names them
            for tensor in model.graph.initializer:
                k = key(tensor)
                if k in groups[by] and k not in offsets:
                    raw = numpy_helper.to_array(tensor).tobytes()
                    offsets[k] = (len(data), len(raw))
                    data += raw + bytes(-len(raw) % 64)
        data += bytes(-len(data) % ALIGNED)
        parts[part_of[by]] = len(data) - begin
    os.makedirs(folder, exist_ok=True)
    if data:
        _replace(os.path.join(folder, SHARED), bytes(data))
    needs, parameters = {}, {}
    for name, model in zip(names, levels):
        parameters[name] = 0
        for tensor in model.graph.initializer:
            k = key(tensor)
            if tensor.data_type == onnx.TensorProto.FLOAT:
                parameters[name] += len(numpy_helper.to_array(tensor).reshape(-1))
            if k not in offsets:
                continue
            tensor.ClearField("raw_data")
            tensor.ClearField("float_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            del tensor.external_data[:]
            for field, value in (("location", SHARED), ("offset", offsets[k][0]), ("length", offsets[k][1])):
                entry = tensor.external_data.add()
                entry.key, entry.value = field, str(value)
        needs[name] = [part_of[by] for by in ordered if name in by]
        _replace(os.path.join(folder, name + ".onnx"), model.SerializeToString())
    return parts, needs, parameters


def _replace(path, data):
    with open(path + ".part", "wb") as f:
        f.write(data)
    os.replace(path + ".part", path)
