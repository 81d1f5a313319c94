"""INT8 levels: what becomes of a network's file."""
import os
import tempfile
import unittest

import numpy as np
import onnx
import torch
from torch import nn

from . import export, quantise


class Network(nn.Module):
    """Three convolutions: of a picture, of eight channels, and one named as the last of a detector's head."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.head = nn.Sequential(nn.ReLU(), nn.Conv2d(8, 1, 1))

    def forward(self, image):
        return self.head(self.second(self.first(image)))


class Int8(unittest.TestCase):
    """int8 on a small network."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path, self.to = os.path.join(folder.name, "w100.onnx"), os.path.join(folder.name, "w100q.onnx")
        torch.manual_seed(1)
        export.to_onnx(Network(), (1, 3, 16, 16), "image", ["marking"], {"labels": "a,b", "temperature": 1.5}, self.path)
        self.pictures = np.random.default_rng(1).integers(0, 256, (4, 3, 16, 16), np.uint8)
        self.model = quantise.int8(self.path, self.pictures, self.to)

    def test_results_are_near_and_head_and_pictures_are_left_as_they_were(self):
        batch = torch.from_numpy(self.pictures).float() / 255
        exact, rough = quantise.Runtime(self.path)(batch), quantise.Runtime(self.to)(batch)
        self.assertEqual(rough.shape, (4, 1, 16, 16))
        self.assertLess((exact - rough).abs().max(), 0.1 * (exact.max() - exact.min()))
        self.assertGreater((exact - rough).abs().max(), 0)
        types = {t.name: t.data_type for t in self.model.graph.initializer if len(t.dims) == 4}
        self.assertEqual(types.pop("head.1.weight"), onnx.TensorProto.FLOAT)
        self.assertEqual(types.pop("first.weight"), onnx.TensorProto.FLOAT)
        self.assertEqual(list(types.values()), [onnx.TensorProto.INT8])

    def test_metadata_stay_and_can_be_changed(self):
        quantise.describe(self.model, {"temperature": 2, "not there": 3})
        self.assertEqual({p.key: p.value for p in self.model.metadata_props}, {"labels": "a,b", "temperature": "2"})
        self.assertLessEqual(self.model.ir_version, export.IR_VERSION_MOST)


if __name__ == "__main__":
    unittest.main()
