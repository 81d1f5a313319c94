"""The other side of the suite's topics, on rclpy: a camera, and a listener on every output."""

import contextlib
import itertools
import time

import rclpy
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.executors import SingleThreadedExecutor
from rtmdl.msg import JobTiming, SchedulerStatus
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header, String
from vision_msgs.msg import Detection2DArray

OUTPUTS = {
    "traffic_light/detections": Detection2DArray,
    "traffic_light/state": String,
    "scheduler/job_timing": JobTiming,
    "scheduler/status": SchedulerStatus,
}
COUNTS = ("pending", "published", "replaced", "expired", "refused", "cancelled", "failed")
NUMBERS = itertools.count(1)  # no two nodes have one name


class Spinner:
    """A node of this process, served whenever somebody waits. As a context it is closed at the end."""

    def __init__(self, name, namespace=""):
        self.node = rclpy.create_node(f"{name}_{next(NUMBERS)}", namespace=namespace)
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)

    def wait(self, condition, seconds=30.0, what="what was awaited"):
        """Serves the node until condition() holds, and returns what that gave; fails after the given time."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < end, f"{what} did not come within {seconds} s"
            self.executor.spin_once(timeout_sec=0.02)
        return found

    def serve(self, seconds):
        """Serves the node for that long."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end, seconds + 30)

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Diagnoses:
    """The last status of every part, as /diagnostics tells a node."""

    def __init__(self, spinner):
        self.spinner, self.parts, self.stamps = spinner, {}, set()
        spinner.node.create_subscription(DiagnosticArray, "/diagnostics", self.take, 100)

    def take(self, message):
        self.stamps.add(message.header.stamp.sec)
        self.parts |= {s.name: s for s in message.status}

    def says(self, part, level, text):
        """Waits for a status of a part."""
        self.spinner.wait(lambda: part in self.parts and self.parts[part].level == level and text in self.parts[part].message,
                          what=f"{part}: {text}, but: {self.parts.get(part)}")


class Peer(Spinner):
    """A camera of one type and topic, and everything that the suite answers, in the order of arrival."""

    def __init__(self, kind, topic=None, qos=10, namespace="", outputs=OUTPUTS):
        super().__init__("peer", namespace)
        topic = topic or ("camera/image_raw/compressed" if kind is CompressedImage else "camera/image_raw")
        self.camera = self.node.create_publisher(kind, topic, qos)
        self.shown = 0
        self.detections, self.states, self.timings, self.statuses = received = [], [], [], []
        for (topic, output), to in zip(outputs.items(), received, strict=True):
            self.node.create_subscription(output, topic, to.append, 100)

    def show(self, picture):
        """Publishes a picture with a stamp that no other one has, and returns its header."""
        self.shown += 1
        stamp = Time(sec=1_700_000_000 + self.shown, nanosec=123_456_789)
        picture.header = Header(stamp=stamp, frame_id=picture.header.frame_id)
        self.camera.publish(picture)
        return picture.header

    def answer(self, header, seconds=30.0):
        """Waits for what became of a frame: its job timing, and its detections where there must be some."""
        timing = self.wait(lambda: with_header(self.timings, header), seconds, f"the job timing of {header}")
        if timing.outcome != JobTiming.OUTCOME_PUBLISHED:
            return timing, None
        return timing, self.wait(lambda: with_header(self.detections, header), seconds, f"the detections of {header}")

    def ask(self, picture, seconds=30.0):
        return self.answer(self.show(picture), seconds)

    def connect(self, picture):
        """Shows a picture until all outputs have come back: then both sides know each other, and counting can begin."""
        with self.streaming(picture, 10):
            self.wait(lambda: self.detections and self.states and self.timings, what="the suite's first answer")
        self.ask(picture)
        self.forget()
        return self

    @contextlib.contextmanager
    def streaming(self, picture, hertz=20.0):
        """Shows a picture again and again while somebody waits."""
        timer = self.node.create_timer(1 / hertz, lambda: self.show(picture))
        try:
            yield
        finally:
            self.node.destroy_timer(timer)

    def settled(self):
        """The task's counts, from a status that is published from now on and has nothing pending."""
        now = time.time()

        def fresh():
            return next((s.tasks[0] for s in self.statuses if stamp_of(s) > now and s.tasks[0].pending == 0), None)

        task = self.wait(fresh, what="a status with nothing pending")
        return {name: getattr(task, name) for name in ("received", *COUNTS, "missed")}

    def forget(self):
        for received in (self.detections, self.states, self.timings, self.statuses):
            received.clear()


def stamp_of(message):
    """The stamp of a message's header."""
    return message.header.stamp.sec + message.header.stamp.nanosec / 1e9


def with_header(messages, header):
    return next((m for m in messages if m.header == header), None)
