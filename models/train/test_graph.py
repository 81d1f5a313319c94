"""Graphs made faster."""
import os
import tempfile
import unittest

import onnx
import torch
from torch import nn

from . import export, graph, quantise, store


class Network(nn.Module):
    """A standardised picture and a convolution with zeros at its borders."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.register_buffer("mean", torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor([0.2, 0.25, 0.3]).view(1, 3, 1, 1))

    def forward(self, image):
        return self.conv((image - self.mean) / self.spread)


class FoldSpread(unittest.TestCase):
    """fold_spread on a small network."""

    def test_the_division_is_gone_and_the_results_are_the_same(self):
        torch.manual_seed(1)
        network, picture = Network().eval(), torch.rand(1, 3, 16, 16)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.onnx")
            export.to_onnx(network, (1, 3, 16, 16), "image", ["out"], {}, path)
            model = graph.fold_spread(store.read(path))
            onnx.save(model, path)
            self.assertNotIn("Div", [n.op_type for n in model.graph.node])
            with torch.no_grad():
                self.assertLess((quantise.Runtime(path)(picture) - network(picture)).abs().max(), 1e-5)


if __name__ == "__main__":
    unittest.main()
