"""python3 -m unittest train.test_loop, in models/."""
import contextlib
import copy
import io
import os
import signal
import tempfile
import unittest

import torch

from . import loop


def train(work, epochs=4, interrupt_in=None, resume=True):
    """Fit a line with a little net; send SIGINT in the second step of an epoch where asked to."""
    torch.manual_seed(7)
    model = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))

    def batches(rng, epoch):
        def items():
            for step in range(3):
                if epoch == interrupt_in and step == 1:
                    os.kill(os.getpid(), signal.SIGINT)
                yield torch.tensor(rng.normal(size=(16, 2)), dtype=torch.float32)
        return 3, items()

    def loss(m, x):
        return (m(x) - x.sum(1, keepdim=True)).pow(2).mean()

    with contextlib.redirect_stdout(io.StringIO()):
        mean, _ = loop.fit(model, batches, loss, lambda *_: "", work, epochs, seed=3, resume=resume)
    return mean.state_dict()


class Resume(unittest.TestCase):
    def test_a_run_that_was_interrupted_ends_with_the_same_weights(self):
        with tempfile.TemporaryDirectory() as straight, tempfile.TemporaryDirectory() as broken:
            want = train(straight)
            with self.assertRaises(loop.Interrupted):
                train(broken, interrupt_in=2)
            self.assertEqual(loop.load(os.path.join(broken, loop.CHECKPOINT))["epoch"], 2)
            got = train(broken)
        for name, value in want.items():
            torch.testing.assert_close(got[name], value, msg=name)

    def test_a_checkpoint_of_another_plan_is_not_taken_up(self):
        with tempfile.TemporaryDirectory() as work:
            train(work, epochs=2)
            train(work, epochs=3)
            self.assertEqual(loop.load(os.path.join(work, loop.CHECKPOINT))["step"], 9)

    def test_no_half_written_checkpoint_is_left(self):
        with tempfile.TemporaryDirectory() as work:
            train(work, epochs=1)
            self.assertEqual(os.listdir(work), [loop.CHECKPOINT])


class SmoothWeights(unittest.TestCase):
    def test_weights_that_stay_stay_to_the_last_bit(self):
        torch.manual_seed(1)
        model = torch.nn.Linear(50, 50)
        mean = copy.deepcopy(model)
        for step in range(100):
            loop.smooth_weights(mean, model, step)
        self.assertTrue(torch.equal(mean.weight, model.weight))

    def test_others_follow(self):
        model, mean = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
        for step in range(5000):
            loop.smooth_weights(mean, model, step)
        self.assertTrue(torch.allclose(mean.weight, model.weight, atol=1e-3))


class Rate(unittest.TestCase):
    def test_it_rises_then_falls_to_a_hundredth(self):
        rates = [loop.learning_rate(1.0, s, 100, 10) for s in range(101)]
        self.assertAlmostEqual(rates[0], 0.1)
        self.assertAlmostEqual(max(rates), 1.0)
        self.assertAlmostEqual(rates[100], 0.01)


class Ahead(unittest.TestCase):
    def test_order_is_kept_and_errors_come_through(self):
        self.assertEqual(list(loop.ahead(iter(range(5)))), [0, 1, 2, 3, 4])

        def broken():
            yield 1
            raise ValueError("no more")
        with self.assertRaisesRegex(ValueError, "no more"):
            list(loop.ahead(broken()))


if __name__ == "__main__":
    unittest.main()
