"""plan:=auto: the suite chooses the networks' sizes by itself, says what it chose, and chooses anew when it must."""

import re

import pictures
import pytest
import yaml
from peer import Peer
from process import ROOT, start_suite
from sensor_msgs.msg import Image
from services import Caller, Client
from std_srvs.srv import Trigger

LEVELS = {name["name"] for name in yaml.safe_load((ROOT / "models" / "manifest.yaml").read_text())["tasks"][0]["levels"]}


@pytest.fixture
def peer(opened):
    return opened(Peer(Image, qos=100))


def write_profile(folder, **infer_ms):
    """A task set for the traffic light with these levels, the largest first, and their times of inference."""
    variants = [{"name": name, "accuracy": 0.9 - 0.01 * i, "storage_bytes": 1, "pre_ms": 1, "infer_ms": ms, "post_ms": 0.1}
                for i, (name, ms) in enumerate(infer_ms.items())]
    file = folder / "profile.yaml"
    file.write_text(yaml.safe_dump({"tasks": [{"name": "traffic_light", "period_ms": 33.3, "variants": variants}]}))
    return file


def test_without_a_profile_all_levels_are_timed_and_one_is_chosen(programs, peer):
    suite = start_suite(programs, "plan:=auto", "deadline_ms:=2000")
    said = suite.says("planned", 60)
    assert re.search(r"traffic_light w\w+ \(priority 0, predicted miss rate", said)
    assert suite.output().count("model loaded") == len(LEVELS) == 12
    peer.connect(pictures.grey())
    timing, _ = peer.ask(pictures.grey())
    assert timing.variant in LEVELS
    status = peer.wait(lambda: peer.statuses and peer.statuses[-1])
    assert status.plan
    assert status.plan_number >= 1
    assert status.load > 0
    assert 0.5 < status.tasks[0].accuracy <= 1
    assert 0 <= status.tasks[0].loss < 1
    assert 0 <= status.predicted_loss <= 1
    assert suite.stop()[0] == 0


def test_the_profiles_times_decide(programs, peer, tmp_path):
    """By the profile the large network is too slow for the deadline and the small one is not."""
    profile = write_profile(tmp_path, w100=500, w50s8=5)
    suite = start_suite(programs, "plan:=auto", f"profile:={profile}", "deadline_ms:=300")
    assert "traffic_light w50s8" in suite.says("planned", 30)
    assert suite.output().count("model loaded") == 2
    peer.connect(pictures.grey())
    assert peer.ask(pictures.grey())[0].variant == "w50s8"


def test_a_profile_that_was_wrong_is_left_behind(programs, peer, tmp_path):
    """The device is far faster than the profile has it: measured times make room for the large network."""
    profile = write_profile(tmp_path, w100=900, w50s8=250)
    start_suite(programs, "plan:=auto", f"profile:={profile}", "deadline_ms:=1000", "traffic_light.rate_hz:=2.0")
    peer.connect(pictures.grey())
    with peer.streaming(pictures.grey(), 4):
        peer.wait(lambda: any(t.variant == "w100" for t in peer.timings[-5:]), 40, "the large network")
    numbers = [s.plan_number for s in peer.statuses]
    assert numbers == sorted(numbers)
    jobs = sorted(t.job for t in peer.timings)
    assert jobs == list(range(jobs[0], jobs[0] + len(jobs))), "no frame is lost when plans change"


def refuse(programs, *parameters):
    suite = start_suite(programs, *parameters)
    assert suite.wait() != 0
    return suite.output()


def test_a_profile_that_does_not_fit_is_named(programs, tmp_path):
    file = tmp_path / "profile.yaml"
    assert "profile.yaml: no such file" in refuse(programs, "plan:=auto", f"profile:={file}")
    file.write_text("tasks: []\n")
    assert str(file) in refuse(programs, "plan:=auto", f"profile:={file}")
    write_profile(tmp_path, w9000=1)
    assert 'task traffic_light has no "w9000"' in refuse(programs, "plan:=auto", f"profile:={file}")
    write_profile(tmp_path, w100=1)
    assert "it has no task lane" in refuse(programs, "plan:=auto", f"profile:={file}", "tasks:=[lane]")


def test_bounds_that_are_set_and_requests_are_planned_for(programs, peer, opened, tmp_path):
    """The plan changes when what may be missed does, or a deadline, and when somebody asks."""
    profile = write_profile(tmp_path, w100=40, w50s8=5)
    start_suite(programs, "plan:=auto", f"profile:={profile}", "deadline_ms:=300").says("ready")
    scheduler, task, caller = opened(Client("/scheduler")), opened(Client("/traffic_light")), opened(Caller())

    def number():
        peer.forget()
        return peer.wait(lambda: peer.statuses and peer.statuses[-1]).plan_number

    at_first = number()
    assert scheduler.set("traffic_light.max_miss_rate", 0.3) == ""
    peer.wait(lambda: number() > at_first, what="a plan for the new bound")
    bounded = number()
    assert task.set("deadline_ms", 250.0) == ""
    peer.wait(lambda: number() > bounded, what="a plan for the new deadline")
    settled = number()
    assert caller.call(Trigger, "scheduler/replan").success
    peer.wait(lambda: number() > settled, what="the plan that was asked for")
    assert "is chosen by the planner" in scheduler.set("traffic_light.variant", "w50s8")
    assert "is chosen by the planner" in scheduler.set("priorities", ["traffic_light"])
    answer = caller.load("w50s8")  # the same again, as after a training
    assert answer.success, answer.message
    assert "knows no level 'w25d50s2'" in caller.load("w25d50s2").message
