"""use_sim_time: what the suite stamps itself, and its timers, follow /clock; deadlines do not."""

import pytest
from builtin_interfaces.msg import Time
from peer import Peer
from pictures import grey
from process import PATIENT, start_suite
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from services import Client


class Simulator:
    """Publishes /clock at 20 Hz while somebody waits; the time is the test's."""

    def __init__(self, peer, at):
        self.at, self.step, self.peer = at, 0.05, peer
        self.publisher = peer.node.create_publisher(Clock, "/clock", 10)
        peer.node.create_timer(0.05, self.tick)

    def tick(self):
        self.at += self.step
        self.publisher.publish(Clock(clock=Time(sec=int(self.at), nanosec=int(self.at % 1 * 1e9))))


@pytest.fixture
def peer(opened):
    return opened(Peer(Image))


def test_stamps_and_timers_follow_the_clock(programs, peer):
    suite = start_suite(programs, PATIENT, "use_sim_time:=true")
    peer.connect(grey())  # results do not wait for a clock
    assert not peer.statuses  # timers do
    clock = Simulator(peer, 1000.0)
    status = peer.wait(lambda: peer.statuses and peer.statuses[-1], what="a status")
    assert 1000 <= status.header.stamp.sec < 1100
    clock.step = 0.5  # ten times as fast
    peer.forget()
    peer.serve(2)
    assert 12 <= len(peer.statuses) <= 30  # once in two steps: 20 in 2 s
    clock.step = 0  # a pause
    peer.serve(0.3)
    peer.forget()
    peer.serve(1.5)
    assert not peer.statuses
    clock.at, clock.step = 500.0, 0.5  # a loop
    peer.wait(lambda: peer.statuses, what="a status after the jump")
    assert "time has jumped back" in suite.says("time has jumped back")
    assert 500 < peer.statuses[0].header.stamp.sec < 600
    timing, _ = peer.ask(grey())
    assert not timing.missed
    assert timing.deadline_ns - timing.received_ns == 20_000_000_000


def test_it_can_be_switched_while_running(programs, peer, opened):
    start_suite(programs, PATIENT)
    peer.connect(grey())
    client = opened(Client("/scheduler"))
    Simulator(peer, 1000.0)
    assert client.set("use_sim_time", True) == ""
    peer.wait(lambda: any(s.header.stamp.sec < 2000 for s in peer.statuses), what="a status by /clock")
    assert client.set("use_sim_time", False) == ""
    peer.forget()
    peer.wait(lambda: any(s.header.stamp.sec > 2000 for s in peer.statuses), what="a status by the system's time")
