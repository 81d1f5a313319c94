"""rtmdl record writes every message into a bag that rosbags, which shares no code with it, reads byte for byte."""

import contextlib
import resource
import signal

import bags
import numpy as np
import pictures
import pytest
from peer import Spinner
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from rclpy.serialization import serialize_message
from rosbags.interfaces import QosDurability, QosReliability
from std_msgs.msg import Header, String
from vision_msgs.msg import BoundingBox2D, Detection2D, Detection2DArray, ObjectHypothesisWithPose


class Talker(Spinner):
    """Publishes on topics that a recorder hears."""

    def __init__(self, topics, qos=100):
        super().__init__("talker")
        self.publishers = {topic: self.node.create_publisher(kind, topic, qos) for topic, kind in topics.items()}
        self.sent = {topic: [] for topic in topics}

    def heard(self):
        """Waits until every topic is recorded."""
        self.wait(lambda: all(p.get_subscription_count() for p in self.publishers.values()))
        self.serve(0.5)  # the other side may need a moment more
        return self

    def send(self, topic, message):
        data = serialize_message(message)  # published as it is, so that the padding in it is known, too
        self.sent[topic].append(bags.padded(data))
        self.publishers[topic].publish(data)
        self.executor.spin_once(timeout_sec=0)


def detections(number):
    array = Detection2DArray(header=Header(frame_id="x" * number))
    for i in range(number):
        found = Detection2D(id=str(i), bbox=BoundingBox2D(size_x=float(i), size_y=0.5))
        found.results.append(ObjectHypothesisWithPose())
        array.detections.append(found)
    return array


def noise(height, width):
    return pictures.raw(np.random.default_rng(height).integers(0, 256, (height, width), np.uint8), "mono8")


def examples(number):
    """A message for each topic, of other sizes for each number."""
    return {
        "/raw": noise(3 + number, 5 + 2 * number),
        "/compressed": pictures.compressed(pictures.JPEG[: 1000 + number]),
        "/text": String(data="ä" * number),
        "/detections": detections(number),
    }


TOPICS = {topic: type(message) for topic, message in examples(0).items()}


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
def test_rosbags_reads_every_message_byte_for_byte(programs, tmp_path, compression, opened):
    out = tmp_path / "out.mcap"
    recorder = programs.start("rtmdl", "record", *TOPICS, "--output", out, "--compression", compression)
    talker = opened(Talker(TOPICS)).heard()
    for number in range(25):
        for topic, message in examples(number).items():
            talker.send(topic, message)
    talker.send("/raw", noise(1500, 1000))  # it fills a chunk, and the others came before it
    talker.wait(lambda: out.stat().st_size > 1_500_000)
    status, _ = recorder.stop(signal.SIGINT)
    assert status == 0, recorder.output()
    bag = bags.Bag(out)
    assert bag.data == talker.sent
    assert bag.types == {topic: bags.type_name(message) for topic, message in examples(0).items()}
    assert bag.times == sorted(bag.times)
    assert {m.__msgtype__ for m in bag.decoded} == set(bag.types.values())


@contextlib.contextmanager
def chattering(talker, topic, message, hertz=200):
    timer = talker.node.create_timer(1 / hertz, lambda: talker.send(topic, message))
    try:
        yield
    finally:
        talker.node.destroy_timer(timer)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_bag_is_complete_when_its_recorder_is_interrupted(programs, tmp_path, how, opened):
    out = tmp_path / "out.mcap"
    recorder = programs.start("rtmdl", "record", "/text", "--output", out)
    talker = opened(Talker({"/text": String})).heard()
    for number in range(300):
        talker.send("/text", String(data=str(number)))
    recorder.process.send_signal(how)
    for number in range(300, 400):  # while it ends
        talker.send("/text", String(data=str(number)))
    status = recorder.wait(2)
    assert status == 0, recorder.output()
    bag = bags.Bag(out)
    assert bag.data["/text"] == talker.sent["/text"][: len(bag.data["/text"])]
    assert f"recorded {len(bag.data['/text'])} messages of 1 topics" in recorder.output()
    assert "LOST" not in recorder.output()


def test_what_a_killed_recorder_had_written_can_be_played(programs, tmp_path, opened):
    out = tmp_path / "out.mcap"
    recorder = programs.start("rtmdl", "record", "/text", "--output", out)
    talker = opened(Talker({"/text": String})).heard()
    with chattering(talker, "/text", String(data="again")):
        talker.wait(lambda: out.stat().st_size > 10_000)  # the second before the last is there
    recorder.kill()
    status, said = programs.run("rtmdl", "replay", out)
    assert status == 1
    assert f"{out}: bag is not finished" in said
    status, said = programs.run("rtmdl", "replay", out, "--recover", "--wait", "1ms", "--rate", "1000")
    assert status == 0
    assert "bag is not finished" in said
    assert int(said.rsplit("played ", 1)[1].split()[0]) > 50


@pytest.mark.parametrize(("qos", "reliability", "durability"), [
    (qos_profile_sensor_data, QosReliability.BEST_EFFORT, QosDurability.VOLATILE),
    (QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE), QosReliability.RELIABLE, QosDurability.VOLATILE),
    (QoSProfile(depth=5, durability=DurabilityPolicy.TRANSIENT_LOCAL), QosReliability.RELIABLE,
     QosDurability.TRANSIENT_LOCAL),
], ids=["best effort", "reliable", "transient local"])
def test_every_quality_of_service_is_recorded_and_kept(programs, tmp_path, qos, reliability, durability, opened):
    out = tmp_path / "out.mcap"
    talker = opened(Talker({"/text": String}, qos))
    if durability == QosDurability.TRANSIENT_LOCAL:
        talker.send("/text", String(data="said before the recorder came"))
    recorder = programs.start("rtmdl", "record", "--all", "--output", out)
    talker.heard().send("/text", String(data="said to the recorder"))
    talker.serve(0.3)
    assert recorder.stop()[0] == 0
    bag = bags.Bag(out)
    assert bag.data["/text"] == talker.sent["/text"]
    (offered,) = bag.qos["/text"]
    assert (offered.reliability, offered.durability) == (reliability, durability)
    assert "/rosout" in bag.types


def test_a_topic_on_which_nobody_publishes_is_told(programs, tmp_path):
    status, said = programs.run("rtmdl", "record", "/nobody", "--output", tmp_path / "out.mcap", "--duration", "300ms")
    assert status == 0
    assert "nobody published on /nobody" in said


def test_a_publisher_that_comes_later_and_is_not_heard_is_told(programs, tmp_path, opened):
    recorder = programs.start("rtmdl", "record", "/text", "--output", tmp_path / "out.mcap")
    opened(Talker({"/text": String})).heard()
    opened(Talker({"/text": String}, qos_profile_sensor_data))
    assert "/text" in recorder.says("warning:", 10)


def test_a_disk_that_becomes_full_ends_the_recording_with_an_error(programs, tmp_path, opened):
    out = tmp_path / "out.mcap"
    recorder = programs.start("rtmdl", "record", "/text", "--output", out)
    talker = opened(Talker({"/text": String})).heard()
    resource.prlimit(recorder.process.pid, resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    with chattering(talker, "/text", String(data="x" * 50_000)):
        talker.wait(lambda: not recorder.running)
    assert recorder.wait() == 1
    assert str(out) in recorder.output()
    assert "file too large" in recorder.output()
