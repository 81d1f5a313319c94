"""rtmdl replay plays what a bag holds, when it held it, on real topics."""

import itertools
import signal
import time

import bags
import pytest
from peer import Spinner
from rclpy.parameter import Parameter
from rclpy.serialization import deserialize_message
from rosgraph_msgs.msg import Clock
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


    def clock(self):
        """The times on /clock so far, in seconds of the bag: a list for each pass, which begins where time jumps back."""
        passes, last = [], float("inf")
        for data in self.data["/clock"]:
            time = deserialize_message(data, Clock).clock
            now = (time.sec * 10**9 + time.nanosec - bags.START) / 1e9
            if now < last:
                passes.append([])
            passes[-1].append(now)
            last = now
        return passes


@pytest.fixture
def listener(opened):
    return opened(Listener())


@pytest.fixture
def timekeeper(opened):
    return opened(Listener({**TOPICS, "/clock": Clock}))


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


def test_a_part_is_played_and_counted_alone(programs, bag, listener):
    player = programs.start("rtmdl", "replay", bag, "--wait", "30s", "--start", "0.5", "--duration", "1000ms")
    assert listener.play(player) == 0
    assert listener.data == {topic: messages[5:15] for topic, messages in content(bag).items()}
    assert 0.9 < listener.came[-1] - listener.came[0] < 3, "0.95 s by the bag"
    assert "played 20 of 20 messages, 0.0 s left" in player.output()


@pytest.mark.parametrize(("part", "of_text"), [
    (("--start", "1.95"), slice(19, 20)),
    (("--start", "1.5s", "--duration", "1h"), slice(15, 20)),
    (("--duration", "0.05"), slice(0, 0)),
    (("--duration", "0.0500001"), slice(0, 1)),
], ids=str)
def test_a_part_has_what_it_begins_with_and_not_what_it_ends_with(programs, bag, listener, part, of_text):
    assert listener.play(programs.start("rtmdl", "replay", bag, "--wait", "30s", "--rate", "100", *part)) == 0
    assert listener.data["/text"] == content(bag)["/text"][of_text]


def test_clock_tells_the_time_of_the_bag(programs, bag, timekeeper):
    assert timekeeper.node.set_parameters([Parameter("use_sim_time", value=True)])[0].successful
    player = programs.start("rtmdl", "replay", bag, "--wait", "30s", "--settle", "2s", "--clock")
    timekeeper.wait(lambda: timekeeper.data["/clock"], what="the first time")
    began = time.monotonic()
    assert timekeeper.play(player) == 0
    (times,) = timekeeper.clock()
    assert (times[0], times[-1]) == (0, 1.95)
    assert all(a < b for a, b in itertools.pairwise(times))
    assert 30 < len(times) <= 80, "40 a second and one at the end"
    assert 1.5 < timekeeper.came[-1] - began < 4, "1.95 s by the bag"
    assert timekeeper.node.get_clock().now().nanoseconds == bags.START + 1_950_000_000
    del timekeeper.data["/clock"]
    assert timekeeper.data == content(bag)


def test_a_loop_repeats_the_part_and_its_time(programs, bag, timekeeper):
    player = programs.start("rtmdl", "replay", bag, "--wait", "30s", "--settle", "2s", "--loop", "--rate", "4",
                            "--start", "500ms", "--duration", "1", "--clock=20")
    timekeeper.wait(lambda: len(timekeeper.clock()) > 3, what="the fourth pass")
    status, _ = player.stop(signal.SIGINT)
    assert status == 0, player.output()
    *passes, _ = timekeeper.clock()
    for times in passes:
        assert (times[0], times[-1]) == (0.5, 1.5)
        assert all(a < b for a, b in itertools.pairwise(times))
        assert len(times) <= 6, "every 0.2 s of the bag"
    played = content(bag)["/text"][5:15]
    assert timekeeper.data["/text"] == (played * 5)[: len(timekeeper.data["/text"])]
    assert "of 20 messages, pass 4" in player.output()


def test_while_it_waits_there_is_no_time(programs, bag, opened):
    listener = opened(Listener({"/clock": Clock}))
    player = programs.start("rtmdl", "replay", bag, "--wait", "3s", "--settle", "0s", "--clock", "--duration", "0.5")
    assert listener.play(player) == 0
    assert "after 3s fewer than 1 subscribers on /header, /text" in player.output()
    (times,) = listener.clock()
    assert (times[0], times[-1]) == (0, 0.5)


def test_the_bags_own_clock_gives_way(programs, tmp_path, opened):
    old = Clock()
    old.clock.sec = 7
    bag = bags.write(tmp_path / "clock.mcap", [("/clock", 0, old), ("/text", 0.1, String(data="one"))])
    listener = opened(Listener({"/text": String, "/clock": Clock}))
    player = programs.start("rtmdl", "replay", bag, "--wait", "30s", "--settle", "2s", "--clock=1000")
    assert listener.play(player) == 0
    (times,) = listener.clock()
    assert (times[0], times[-1]) == (0, 0.1)
    assert len(listener.data["/text"]) == 1
    assert "warning: the bag's own /clock is left out" in player.output()
    assert "played 1 of 1 messages" in player.output()


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
