"""A car that watches the results of all tasks, and the record of what became of a fault."""

import json
import time
import types

import launching
from peer import COUNTS, Diagnoses, Peer
from process import ROOT
from rtmdl.msg import LaneLines, TaskStatus
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray

SOON = 30.0  # seconds: a recovery that takes longer fails; how long it took is recorded
TASKS = ("traffic_light", "sign", "lane")
RESPAWN = launching.load()[0][0].respawn_delay  # seconds
ALL_TASKS = "tasks:=[traffic_light, sign, lane]"


class Fault:
    """What is told of one fault: the test's first line says what was done."""

    def __init__(self, record):
        self.record = record

    def said(self, line):
        """Keeps how the fault was named: a line of a log without its time, or a message."""
        line = line.strip()
        if line.startswith("[") and "]: " in line:
            level, rest = line.split("] ", 1)[0].strip("["), line.split("]: ", 1)[1]
            line = f"{level}: {rest}"
        self.record("said", line.replace("\t", " ").replace(f"{ROOT}/", ""))
        return line

    def back_after(self, seconds, of=""):
        """Keeps how long it took until results came again."""
        self.record("back", {"seconds": round(seconds, 3), "of": of})

    def counts(self, statuses):
        """Sees that the counts of every task add up, and keeps their sum."""
        total = dict.fromkeys(("received", *COUNTS), 0)
        for s in statuses:
            assert s.received == sum(getattr(s, name) for name in COUNTS), s
            for name in total:
                total[name] += getattr(s, name)
        self.record("counts", total)


def counted_at_the_end(program):
    """The counts of every task that a program has logged when it ended."""
    lines = [line for line in program.output().splitlines() if "frames by outcome" in line]
    assert lines, program.output()
    return [types.SimpleNamespace(**json.loads(line[line.index("{") :])) for line in lines]


class Car(Peer):
    """A camera, and everything that all tasks answer, with /diagnostics."""

    def __init__(self, kind=Image, tasks=TASKS, **others):
        super().__init__(kind, qos=100, **others)
        self.tasks = tasks
        self.results = {"traffic_light": self.detections, "sign": [], "lane": []}
        self.node.create_subscription(Detection2DArray, "sign/detections", self.results["sign"].append, 100)
        self.node.create_subscription(LaneLines, "lane/lines", self.results["lane"].append, 100)
        self.own, self.diagnoses = {}, Diagnoses(self)
        for task in TASKS:  # of nodes in processes of their own
            self.node.create_subscription(TaskStatus, f"{task}/status", lambda s, t=task: self.own.__setitem__(t, (time.monotonic(), s)), 10)

    def connect(self, picture):
        super().connect(picture)
        self.statuses_at_rest()  # the other tasks have answered too
        self.forget()
        return self

    def streaming(self, picture, hertz=5.0):
        """As of a Peer, at a rate that two cores manage for all tasks with their largest networks."""
        return super().streaming(picture, hertz)

    def diagnosed(self, part, level, text):
        """Waits for a diagnosis and returns it as a line."""
        self.diagnoses.says(part, level, text)
        return f"/diagnostics: {part}: {self.diagnoses.parts[part].message}"

    def back(self, tasks=None):
        """Waits until every task has answered a frame that is shown from now on; returns the seconds until then."""
        began, shown = time.monotonic(), 1_700_000_000 + self.shown
        for results in self.results.values():
            results.clear()
        self.wait(lambda: all(any(r.header.stamp.sec > shown for r in self.results[t]) for t in tasks or self.tasks), SOON, "results of all tasks")
        return time.monotonic() - began

    def statuses_at_rest(self):
        """The status of every task as the scheduler tells it from now on, when nothing is pending."""
        seen = len(self.statuses) + 1  # one may be under way
        return self.wait(lambda: next((s.tasks for s in self.statuses[seen:] if not any(t.pending for t in s.tasks)), None),
                         what="a status with nothing pending")

    def own_status_at_rest(self, task):
        """The same as a task's node tells it."""
        began = time.monotonic()
        return self.wait(lambda: task in self.own and self.own[task][0] > began + 1 and not self.own[task][1].pending and self.own[task][1],
                         what=f"a status of the node {task}")
