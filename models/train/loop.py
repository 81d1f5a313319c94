"""A training loop that can be stopped at any time and goes on where it was.

One checkpoint an epoch, written aside and renamed, so that it is whole whenever the process ends. All chance comes
from (seed, epoch): a run that was stopped gives the weights of one that was not, up to the order of float sums.
"""
import collections
import concurrent.futures
import copy
import math
import os
import signal
import sys
import time

import numpy as np
import torch

CHECKPOINT = "last.pt"


class Interrupted(Exception):
    """Raised after SIGINT or SIGTERM, with the last epoch's checkpoint on disk."""


def save(value, path):
    """torch.save that leaves either the old file or the whole new one."""
    aside = path + ".part"
    torch.save(value, aside)
    os.replace(aside, path)


def load(path, device="cpu"):
    """Read back what save wrote. Load only files that you made: it is a pickle."""
    try:
        return torch.load(path, map_location=device, weights_only=False)
    except TypeError:  # PyTorch before 2.0
        return torch.load(path, map_location=device)


def smooth_weights(mean, model, step):
    """Move the running mean of the weights (EMA) one step towards the model; quickly at first."""
    keep = min(0.998, (1 + step) / (10 + step))
    with torch.no_grad():
        pairs = list(zip(mean.state_dict().values(), model.state_dict().values()))
        means, values = zip(*(pair for pair in pairs if pair[0].dtype.is_floating_point))
        # In this form weights that do not move, such as shared layers, stay as they are to the last bit.
        torch._foreach_add_(means, torch._foreach_sub(values, means), alpha=1 - keep)
        for a, b in pairs:
            if not a.dtype.is_floating_point:
                a.copy_(b)


def learning_rate(peak, step, steps, warm_up):
    """Linear rise, then a half cosine down to a hundredth of the peak."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up))))


def ahead(iterator, n=2):
    """Yield from an iterator that a thread runs up to n items ahead."""
    end = object()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = collections.deque(pool.submit(next, iterator, end) for _ in range(n))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(pool.submit(next, iterator, end))
            yield item


class _Stop:
    """Notes SIGINT and SIGTERM while in the with block."""

    def __enter__(self):
        self.asked = False
        self._before = {s: signal.signal(s, self._note) for s in (signal.SIGINT, signal.SIGTERM)}
        return self

    def _note(self, *_):
        self.asked = True

    def __exit__(self, *_):
        for s, handler in self._before.items():
            signal.signal(s, handler)


def fit(model, batches, loss, check, work, epochs, seed, resume=True, peak=2e-3, decay=0.02):
    """Train `model` and return the running mean of its weights as a model.

    batches(rng, epoch) gives the number of steps and an iterator of them; loss(model, batch) a scalar;
    check(mean_model, epoch) a short text for the log, or an empty one. `work` is the checkpoint's folder.
    A checkpoint for another number of epochs or seed is not taken up: the rate's curve would not fit.
    """
    os.makedirs(work, exist_ok=True)
    path = os.path.join(work, CHECKPOINT)
    torch.manual_seed(seed)
    mean = copy.deepcopy(model).eval()
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": decay},
                                   {"params": vectors, "weight_decay": 0.0}], lr=peak, foreach=True)
    first, step, spent = 0, 0, 0.0
    plan = {"epochs": epochs, "seed": seed}
    if resume and os.path.exists(path):
        state = load(path)
        if state["plan"] == plan:
            model.load_state_dict(state["model"])
            mean.load_state_dict(state["mean"])
            optimizer.load_state_dict(state["optimizer"])
            first, step, spent = state["epoch"], state["step"], state["spent"]
            print(f"going on after epoch {first} of {path}", flush=True)
        else:
            print(f"starting anew: {path} is of a run with {state['plan']}", flush=True)

    with _Stop() as stop:
        for epoch in range(first, epochs):
            began, losses = time.monotonic(), []
            rng = np.random.default_rng([seed, epoch])
            per_epoch, iterator = batches(rng, epoch)
            for batch in ahead(iterator):
                for group in optimizer.param_groups:
                    group["lr"] = learning_rate(peak, step, per_epoch * epochs, min(300, per_epoch * 3))
                model.train()
                value = loss(model, batch)
                optimizer.zero_grad(set_to_none=True)
                value.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
                optimizer.step()
                step += 1
                smooth_weights(mean, model, step)
                losses.append(float(value.detach()))
                if stop.asked:
                    raise Interrupted(f"stopped in epoch {epoch + 1}; run the same command to go on after "
                                      f"epoch {epoch}")
                _progress(epoch, epochs, len(losses), per_epoch, spent + time.monotonic() - began, losses)
            spent += time.monotonic() - began
            save({"plan": plan, "model": model.state_dict(), "mean": mean.state_dict(), "epoch": epoch + 1,
                  "optimizer": optimizer.state_dict(), "step": step, "spent": spent}, path)
            text = check(mean, epoch + 1)
            left = spent / (epoch + 1) * (epochs - epoch - 1)
            print(f"{_line_start()}epoch {epoch + 1}/{epochs} loss {np.mean(losses):.4f} "
                  f"{spent / 60:.1f} min, {left / 60:.1f} min left {text}", flush=True)
    return mean, spent


def _line_start():
    return "\r\033[K" if sys.stdout.isatty() else ""


def _progress(epoch, epochs, done, per_epoch, spent, losses):
    """Redraw the progress bar; nothing where the output is no terminal."""
    if not sys.stdout.isatty():
        return
    share = (epoch + done / per_epoch) / epochs
    left = spent / share * (1 - share)
    bar = "#" * int(24 * share)
    sys.stdout.write(f"{_line_start()}[{bar:24}] epoch {epoch + 1}/{epochs} loss {np.mean(losses[-20:]):.4f} "
                     f"{left / 60:.1f} min left")
    sys.stdout.flush()
