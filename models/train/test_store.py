"""Storage shared by the files of a family."""
import os
import tempfile
import unittest

import numpy as np
import onnx
import onnx.external_data_helper
from onnx import TensorProto, helper, numpy_helper

from . import store


def network(*weights):
    """An ONNX model that adds up its input and the weights."""
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [300]) for n in "xy")
    names = [f"w{i}" for i in range(len(weights))]
    node = helper.make_node("Sum", ["x", *names], ["y"])
    tensors = [numpy_helper.from_array(w, n) for w, n in zip(weights, names)]
    return helper.make_model(helper.make_graph([node], "g", [x], [y], tensors))


class Share(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.a, self.b, self.c, self.d = (np.random.default_rng(i).normal(size=300).astype(np.float32) for i in range(4))
        self.tiny = np.ones(1, np.float32)

    def share(self):
        models = [network(self.a, self.b, self.d, self.tiny), network(self.b, self.a, self.tiny), network(self.a, self.c)]
        return store.share(models, ["large", "middle", "small"], self.folder.name)

    def test_parts_are_what_the_same_levels_have(self):
        parts, needs, parameters = self.share()
        self.assertEqual(needs, {"large": ["part1", "part2"], "middle": ["part1", "part2"], "small": ["part1"]})
        self.assertEqual(parts, {"part1": store.ALIGNED, "part2": store.ALIGNED})
        self.assertEqual(os.path.getsize(os.path.join(self.folder.name, store.SHARED)), sum(parts.values()))
        self.assertEqual(parameters, {"large": 901, "middle": 601, "small": 600})

    def test_what_is_read_back_is_what_was_written(self):
        self.share()
        for name, wanted in (("large", (self.a, self.b, self.d, self.tiny)), ("middle", (self.b, self.a, self.tiny)),
                             ("small", (self.a, self.c))):
            path = os.path.join(self.folder.name, name + ".onnx")
            onnx.checker.check_model(path)
            for tensor, value in zip(onnx.load(path).graph.initializer, wanted):
                np.testing.assert_array_equal(numpy_helper.to_array(tensor), value)

    def test_own_tensors_stay_in_the_levels_file(self):
        self.share()
        model = onnx.load(os.path.join(self.folder.name, "large.onnx"), load_external_data=False)
        outside = [onnx.external_data_helper.uses_external_data(t) for t in model.graph.initializer]
        self.assertEqual(outside, [True, True, False, False])


if __name__ == "__main__":
    unittest.main()
