"""Scheduler and nodes in processes of their own: what they publish, and how each frame is accounted for."""

import pathlib
import shutil
from collections import Counter

import pictures
import pytest
from peer import Peer
from process import PATIENT, ROOT
from rtmdl.msg import JobTiming
from sensor_msgs.msg import CompressedImage, Image
from separate import Accountant, start_node, start_scheduler

SENSITIVE = "score_threshold:=0.0000001"  # there are boxes, whatever the network thinks of the picture


@pytest.fixture
def running(programs, opened):
    """A scheduler, a node, a peer that both know, and the node's accountant; nothing is pending."""
    scheduler, node = start_scheduler(programs, SENSITIVE), start_node(programs)
    peer, accountant = opened(Peer(Image, qos=100)), opened(Accountant())
    peer.connect(pictures.grey())
    return scheduler, node, peer, accountant


def test_bursts_are_accounted_for_on_both_sides(running):
    scheduler, node, peer, accountant = running
    peer.settled()
    before = [peer.settled(), accountant.settled()]
    peer.forget()
    bad = pictures.grey()
    bad.step = 1
    headers = []
    for burst in range(1, 13):  # of a size that the subscriptions' queues hold
        headers += [peer.show(picture) for picture in (*[pictures.grey(320, 240)] * 4, bad)]
        peer.wait(lambda shown=5 * burst: len(peer.timings) >= shown)
    after = [peer.settled(), accountant.settled()]

    assert sorted(t.header.stamp.sec for t in peer.timings) == [h.stamp.sec for h in headers], "once a frame"
    outcomes = Counter(t.outcome for t in peer.timings)
    assert outcomes[JobTiming.OUTCOME_REFUSED] == 12
    assert outcomes[JobTiming.OUTCOME_PUBLISHED] == len(peer.detections) == len(peer.states) > 0
    grown = [{name: now[name] - then[name] for name in before[1]} for then, now in zip(before, after, strict=True)]
    assert grown[0] == grown[1], "the node and the scheduler agree"
    assert grown[0]["received"] == 60
    assert grown[0]["published"] == outcomes[JobTiming.OUTCOME_PUBLISHED]
    for program in (node, scheduler):
        assert program.stop()[0] == 0, program.output()
        assert '"pending": 0' in program.output().strip().splitlines()[-1]


def test_a_jobs_instants_are_in_order_across_the_processes(running):
    peer = running[2]
    timing, detections = peer.ask(pictures.raw(pictures.light(), "rgb8"))
    instants = [getattr(timing, f"{name}_ns") for name in (
        "received", "submitted", "pre_started", "pre_ended", "infer_started", "infer_ended", "post_started", "post_ended", "published")]
    assert instants[0] > 0
    assert instants == sorted(instants)
    assert timing.deadline_ns == timing.received_ns + 20_000_000_000, "the node's deadline, which the scheduler was not given"
    assert timing.header == detections.header
    assert peer.wait(lambda: peer.statuses)[-1].tasks[0].deadline_ms == 20_000


def test_a_node_without_a_scheduler_says_so_of_every_frame(programs, opened):
    node = start_node(programs)
    peer, accountant = opened(Peer(Image)), opened(Accountant())
    with peer.streaming(pictures.grey()):
        peer.wait(lambda: "no_scheduler: none answers for traffic_light" in node.output())
        counts = accountant.settled()
    assert counts["received"] == counts["refused"] == counts["missed"] > 0
    mapped = pathlib.Path(f"/proc/{node.process.pid}/maps").read_text()
    assert "librcl.so" in mapped
    assert "onnxruntime" not in mapped
    assert node.stop()[0] == 0


def test_a_node_needs_no_network(programs, opened, tmp_path):
    """Its executable alone, away from the checkout and its models."""
    shutil.copy2(ROOT / "bin" / "traffic_light", tmp_path / "traffic_light")
    start_scheduler(programs)
    programs.start(tmp_path / "traffic_light", "--ros-args", "-p", PATIENT, "-p", "image_transport:=compressed")
    peer = opened(Peer(CompressedImage)).connect(pictures.compressed(pictures.PNG))
    timing, _ = peer.ask(pictures.compressed(pictures.JPEG))
    assert timing.outcome == JobTiming.OUTCOME_PUBLISHED


def test_a_task_that_the_scheduler_does_not_run_is_not_answered(programs, opened):
    scheduler = start_scheduler(programs)
    scheduler.says("ready")
    other = programs.start("traffic_light", "--ros-args", "-r", "scheduler/jobs:=other/jobs")
    peer = opened(Peer(Image))
    with peer.streaming(pictures.grey()):
        peer.wait(lambda: "no_scheduler" in other.output())
    assert "a node has come" not in scheduler.output()


@pytest.mark.parametrize(("name", "parameter", "said"), [
    ("scheduler", "models_dir:=/nowhere", "scheduler: /nowhere/manifest.yaml: file cannot be read: no such file"),
    ("scheduler", "tasks:=[parking]", "tasks of /scheduler has 'parking' at position 0"),
    ("traffic_light", "deadline_ms:=-1", "traffic_light: parameter deadline_ms of /traffic_light is -1"),
    ("traffic_light", "image_topic:=front camera", "front camera"),
])
def test_what_is_wrong_at_the_start_is_said(programs, name, parameter, said):
    status, output = programs.run(name, "--ros-args", "-p", parameter)
    assert status == 1
    assert said in output
