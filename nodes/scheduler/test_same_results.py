"""What separate processes publish of a frame is what one process publishes of it, for all tasks."""

import collections

import bags
import pictures
import pytest
from peer import Spinner
from process import PATIENT, ROOT, start_suite
from rtmdl.msg import LaneLines
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import String
from vision_msgs.msg import Detection2DArray

PERCEPTION = ROOT / "internal" / "perception"
PHOTOGRAPHS = [pictures.JPEG, *((PERCEPTION / name).read_bytes() for name in (
    "lane/testdata/road/00160.jpg", "sign/testdata/sign_frames/val/00312.jpg"))]
OUTPUTS = {"traffic_light/detections": Detection2DArray, "traffic_light/state": String, "sign/detections": Detection2DArray,
           "lane/lines": LaneLines}
TASKS = ("traffic_light", "sign", "lane")
GIVEN = ("image_topic:=/camera/image_raw", "image_transport:=compressed")
TOPIC = "/camera/image_raw/compressed"
FRAMES = 60


class Listener(Spinner):
    """A reliable camera, and everything that the suites in two namespaces answer."""

    def __init__(self, namespaces):
        super().__init__("listener")
        self.camera = self.node.create_publisher(CompressedImage, TOPIC, 100)
        self.came = collections.defaultdict(list)
        for space in namespaces:
            for topic, kind in OUTPUTS.items():
                self.node.create_subscription(kind, f"{space}/{topic}", self.came[space, topic].append, 100)

    def by_stamp(self, space, topic):
        return {(m.header.stamp.sec, m.header.stamp.nanosec): m for m in self.came[space, topic]}


@pytest.fixture
def bag(tmp_path):
    """The photographs in turn, at three frames a second: so slowly that nearly all are worked on by both."""
    frames = []
    for i in range(FRAMES):
        frame = pictures.compressed(PHOTOGRAPHS[i % len(PHOTOGRAPHS)])
        frame.header.stamp.sec = 1000 + i
        frames.append((TOPIC, i / 3, frame))
    return bags.write(tmp_path / "camera.mcap", frames)


def start_separate(programs, space):
    moved = ("-r", f"__ns:={space}")
    programs.start("scheduler", "--ros-args", *moved)
    for task in TASKS:
        programs.start(task, "--ros-args", *(word for p in (PATIENT, *GIVEN) for word in ("-p", p)), *moved)


def test_separate_processes_publish_what_one_process_does(programs, bag, opened):
    start_suite(programs, PATIENT, *GIVEN, f"tasks:=[{', '.join(TASKS)}]", arguments=("-r", "__ns:=/one"))
    start_separate(programs, "/many")
    listener = opened(Listener(("/one", "/many")))
    grey = pictures.compressed(pictures.png(64, 48))
    timer = listener.node.create_timer(0.5, lambda: listener.camera.publish(grey))
    listener.wait(lambda: all(listener.came[space, topic] for space in ("/one", "/many") for topic in OUTPUTS), 60, "an answer on every topic")
    listener.node.destroy_timer(timer)
    listener.serve(2)
    for came in listener.came.values():
        came.clear()

    player = programs.start("rtmdl", "replay", bag, "--subscribers", "5", "--wait", "30s")  # the suite, three nodes, the scheduler
    listener.wait(lambda: not player.running, 120, "the end of the bag")
    assert player.wait() == 0, player.output()
    listener.serve(3)
    for topic, kind in OUTPUTS.items():
        if kind is String:
            assert {m.data for m in listener.came["/one", topic]} == {m.data for m in listener.came["/many", topic]}
            continue
        one, many = (listener.by_stamp(space, topic) for space in ("/one", "/many"))
        both = one.keys() & many.keys()
        print(f"{topic}: of {FRAMES} frames {len(one)} by one process, {len(many)} by several, {len(both)} by both")
        assert len(both) > FRAMES / 2
        for stamp in both:
            assert one[stamp] == many[stamp]
        assert any(found(one[stamp]) for stamp in both), "the photographs show something to each task"


def found(message):
    return message.detections if isinstance(message, Detection2DArray) else [*message.left.points, *message.right.points]
