"""Every frame ends in one outcome, is told once in job_timing, and is counted in the status."""

import statistics
from collections import Counter

import pictures
import pytest
from peer import COUNTS, Peer, stamp_of
from process import PATIENT, start_suite
from rtmdl.msg import JobTiming
from sensor_msgs.msg import Image

STAGES = ("received_ns", "submitted_ns", "pre_started_ns", "pre_ended_ns", "infer_started_ns", "infer_ended_ns",
          "post_started_ns", "post_ended_ns", "published_ns")
NAMES = {JobTiming.OUTCOME_PUBLISHED: "published", JobTiming.OUTCOME_REPLACED: "replaced",
         JobTiming.OUTCOME_EXPIRED: "expired", JobTiming.OUTCOME_REFUSED: "refused",
         JobTiming.OUTCOME_CANCELLED: "cancelled", JobTiming.OUTCOME_FAILED: "failed"}


@pytest.fixture
def peer(opened):
    return opened(Peer(Image, qos=100))


def test_bursts_are_accounted_for_frame_by_frame(programs, peer):
    start_suite(programs, PATIENT)
    peer.connect(pictures.grey())
    before = peer.settled()
    peer.forget()
    bad = pictures.grey()
    bad.step = 1
    headers = []
    for burst in range(1, 13):  # of a size that the subscription's queue holds
        headers += [peer.show(picture) for picture in (*[pictures.grey(320, 240)] * 4, bad)]
        peer.wait(lambda shown=5 * burst: len(peer.timings) >= shown)
    after = peer.settled()

    assert sorted(t.header.stamp.sec for t in peer.timings) == [h.stamp.sec for h in headers], "once a frame"
    jobs = sorted(t.job for t in peer.timings)
    assert jobs == list(range(jobs[0], jobs[0] + 60))
    outcomes = Counter(NAMES[t.outcome] for t in peer.timings)
    assert outcomes["refused"] == 12
    assert outcomes["published"] > 0
    assert outcomes["published"] == len(peer.detections) == len(peer.states)
    grown = {name: after[name] - before[name] for name in after}
    assert grown.pop("received") == 60
    assert grown.pop("missed") == sum(t.missed for t in peer.timings)
    assert grown == {name: outcomes[name] for name in COUNTS}


def test_a_jobs_instants_are_in_order_and_those_not_reached_are_zero(programs, peer):
    start_suite(programs, PATIENT)
    peer.connect(pictures.grey())
    timing, _ = peer.ask(pictures.grey())
    assert (timing.task, timing.variant, timing.device, timing.packed_with) == ("traffic_light", "w100", "cpu", "")
    assert timing.reason == ""
    assert not timing.missed
    instants = [getattr(timing, name) for name in STAGES]
    assert instants[0] > 0
    assert instants == sorted(instants)
    assert timing.infer_ended_ns > timing.infer_started_ns
    assert timing.deadline_ns == timing.received_ns + 20_000_000_000
    assert 0 <= timing.blocked_ns < timing.published_ns - timing.received_ns

    bad = pictures.grey()
    bad.encoding = "bayer_rggb8"
    timing, _ = peer.ask(bad)
    assert timing.outcome == JobTiming.OUTCOME_REFUSED
    assert timing.missed
    assert 0 < timing.received_ns <= timing.submitted_ns
    assert not any(getattr(timing, name) for name in STAGES[2:])


@pytest.mark.parametrize(("policy", "outcome"), [("skip", "expired"), ("run", "published")])
def test_late_frames_are_dropped_or_published_as_the_policy_says(programs, peer, policy, outcome):
    start_suite(programs, "deadline_ms:=0.1", f"late_policy:={policy}")
    with peer.streaming(pictures.grey()):  # until both sides know each other; nothing may be published
        peer.wait(lambda: peer.timings)
    timing, detections = peer.ask(pictures.grey(1280, 720))
    assert NAMES[timing.outcome] == outcome
    assert timing.missed
    assert (detections is not None) == (outcome == "published")
    task = peer.settled()
    assert task["missed"] == task["received"] == task[outcome] + task["replaced"]


def test_the_status_comes_once_a_second_and_adds_up(programs, peer):
    start_suite(programs, PATIENT, "late_policy:=run")
    peer.connect(pictures.grey())
    with peer.streaming(pictures.grey()):
        peer.wait(lambda: len(peer.statuses) >= 5)
    stamps = [stamp_of(status) for status in peer.statuses]
    periods = [b - a for a, b in zip(stamps, stamps[1:], strict=False)]
    assert 0.8 < statistics.median(periods) < 1.25
    assert [s.tasks[0].received for s in peer.statuses] == sorted(s.tasks[0].received for s in peer.statuses)
    for status in peer.statuses:
        (task,) = status.tasks
        assert task.received == sum(getattr(task, name) for name in COUNTS)
        assert (task.name, task.variant, task.deadline_ms) == ("traffic_light", "w100", 20_000)
        assert (status.late_policy, status.device, status.header.frame_id) == ("run", "cpu", "")
        assert status.cpu_workers >= 1
        assert status.accelerator_slots == 1
        assert 0 <= status.cpu_utilisation <= 1
        assert 0 < status.accelerator_utilisation <= 1
        assert 0 < task.infer_ms < task.p99_ms
        assert task.p50_ms <= task.p99_ms
        assert task.rate_hz > 0
