"""rtmdl replay plays what a bag holds, when it held it, on real topics."""

import signal
import time

import bags
import pytest
from peer import Spinner
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header, String

TOPICS = {"/header": Header, "/text": String}


def content(bag):
    """What a listener should hear of a bag, by topic."""
    return {topic: [bags.padded(data) for data in messages] for topic, messages in bags.Bag(bag).data.items()}


class Listener(Spinner):
    """Keeps the bytes of every message, and when it came."""

    def __init__(self, topics=TOPICS):
        super().__init__("listener")
        self.data = {topic: [] for topic in topics}
        self.came = []
        for topic, kind in topics.items():
            self.node.create_subscription(kind, topic, lambda d, t=topic: self.take(t, d), 100, raw=True)

    def take(self, topic, data):
        self.data[topic].append(data)
        self.came.append(time.monotonic())

    def play(self, player, seconds=30.0):
        """Listens until the player ends, and returns its exit status."""
        self.wait(lambda: not player.running, seconds, "the end of the bag")
        self.serve(0.1)
        return player.wait()


@pytest.fixture
def listener(opened):
    return opened(Listener())


def test_every_message_comes_byte_for_byte_in_its_order_and_at_its_time(programs, bag, listener):
    player = programs.start("rtmdl", "replay", bag, "--wait", "30s")
    assert listener.play(player) == 0
    assert listener.data == content(bag)
    assert 1.85 < listener.came[-1] - listener.came[0] < 4, "1.95 s by the bag"
    assert "played 40 of 40 messages" in player.output()


def test_rate_changes_the_speed(programs, bag, listener):
    assert listener.play(programs.start("rtmdl", "replay", bag, "--wait", "30s", "--rate", "4")) == 0
    assert len(listener.came) == 40
    assert 0.4 < listener.came[-1] - listener.came[0] < 1.5, "0.49 s at four times the speed"


def test_topics_chooses_what_is_played(programs, bag, listener):
    player = programs.start("rtmdl", "replay", bag, "--wait", "30s", "--rate", "100", "--topics", "/text")
    assert listener.play(player) == 0
    assert listener.data == {"/header": [], "/text": content(bag)["/text"]}


def test_topics_can_be_renamed(programs, bag, opened):
    listener = opened(Listener({"/stamps": Header, "/text": String}))
    player = programs.start("rtmdl", "replay", bag, "--wait", "30s", "--rate", "100",
                            "--ros-args", "-r", "/header:=/stamps")
    assert listener.play(player) == 0
    assert listener.data["/stamps"] == content(bag)["/header"]


def test_restamp_gives_the_time_of_playing_and_changes_nothing_else(programs, tmp_path, opened):
    picture = CompressedImage(format="jpeg", data=[1, 2, 3])
    picture.header.frame_id = "camera"
    bag = bags.write(tmp_path / "one.mcap", [("/camera", i / 10, picture) for i in range(5)]
                     + [("/text", 0.5, String(data="no header"))])
    listener = opened(Listener({"/camera": CompressedImage, "/text": String}))
    before = time.time()
    assert listener.play(programs.start("rtmdl", "replay", bag, "--wait", "30s", "--restamp")) == 0
    stamps = []
    for data in listener.data["/camera"]:
        message = deserialize_message(data, CompressedImage)
        stamps.append(message.header.stamp.sec + message.header.stamp.nanosec / 1e9)
        message.header.stamp = picture.header.stamp
        assert message == picture
    assert len(stamps) == 5
    assert before <= stamps[0] < stamps[-1] <= time.time()
    assert 0.3 < stamps[-1] - stamps[0] < 2
    assert listener.data["/text"] == content(bag)["/text"]


def test_loop_begins_again_until_interrupted(programs, bag, listener):
    player = programs.start("rtmdl", "replay", bag, "--wait", "30s", "--rate", "10", "--loop")
    listener.wait(lambda: len(listener.data["/text"]) > 45)
    status, _ = player.stop(signal.SIGINT)
    assert status == 0, player.output()
    expected = content(bag)["/text"]
    assert listener.data["/text"] == (expected * 10)[: len(listener.data["/text"])]
    assert "pass 3" in player.output()


def test_it_waits_for_subscribers_and_can_be_interrupted_meanwhile(programs, bag, opened):
    patient, interrupted = (programs.start("rtmdl", "replay", bag, "--wait", "30s", "--rate", "100") for _ in range(2))
    time.sleep(1)
    assert interrupted.stop(signal.SIGINT)[0] == 0
    assert patient.running
    assert "played" not in patient.output() + interrupted.output()
    listener = opened(Listener())
    assert listener.play(patient) == 0
    assert listener.data == content(bag)


def test_without_subscribers_it_plays_all_the_same_and_says_so(programs, bag):
    status, said = programs.run("rtmdl", "replay", bag, "--wait", "50ms", "--rate", "1000")
    assert status == 0
    assert "warning: after 50ms fewer than 1 subscribers on /header, /text" in said
    assert "played 40 of 40 messages" in said


def test_recover_plays_what_is_intact_of_a_truncated_bag(programs, bag, listener, tmp_path):
    whole = bag.read_bytes()
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(whole[: whole.index(b"message 12")])
    player = programs.start("rtmdl", "replay", cut, "--recover", "--wait", "30s", "--rate", "100")
    assert listener.play(player) == 0
    assert listener.data["/text"] == content(bag)["/text"][:12]
    assert listener.data["/header"] == content(bag)["/header"][:13]
    assert "bag is not finished" in player.output()
