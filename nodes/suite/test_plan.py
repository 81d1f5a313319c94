"""plan:=auto: the suite chooses the networks' sizes by itself, says what it chose, and chooses anew when it must."""

import re

import pictures
import pytest
import yaml
from peer import Peer
from process import ROOT, start_suite
from sensor_msgs.msg import Image

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
