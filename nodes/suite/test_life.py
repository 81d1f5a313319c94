"""The suite comes and goes while the camera goes on; it ends when asked, at any moment; its topics can be moved."""

import json
import random
import signal
import time

import pictures
import pytest
from peer import OUTPUTS, Peer
from process import PATIENT, start_suite
from sensor_msgs.msg import CompressedImage, Image

COMPRESSED = "image_transport:=compressed"
SOON = 10.0  # seconds until results flow: discovery takes up to 3 s, and the machine may be loaded


@pytest.fixture
def camera(opened):
    peer = opened(Peer(CompressedImage))
    with peer.streaming(pictures.compressed(pictures.PNG)):
        yield peer


COMMON = ("/rosout", "/parameter_events", "/diagnostics")  # one for all, whatever the namespace


def first_result(camera):
    """Waits for the result of a frame that is shown from now on, and returns the seconds until then."""
    began, shown = time.monotonic(), camera.shown
    start = 1_700_000_000 + shown
    camera.wait(lambda: any(d.header.stamp.sec > start for d in camera.detections), SOON, "a result")
    return time.monotonic() - began


def test_a_suite_that_starts_late_answers(programs, camera):
    camera.serve(1)
    start_suite(programs, PATIENT, COMPRESSED)
    print(f"first result {first_result(camera):.2f} s after the start")


def test_results_resume_after_a_suite_was_killed_and_restarted(programs, camera):
    first = start_suite(programs, PATIENT, COMPRESSED)
    first_result(camera)
    first.kill()
    camera.serve(0.5)
    start_suite(programs, PATIENT, COMPRESSED)
    print(f"first result {first_result(camera):.2f} s after the restart")
    camera.forget()
    camera.wait(lambda: len(camera.detections) >= 10)
    timing, _ = camera.answer(camera.detections[0].header)
    assert timing.outcome == timing.OUTCOME_PUBLISHED


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_suite_in_two_seconds_with_frames_in_flight(programs, how, opened):
    suite = start_suite(programs, PATIENT)
    peer = opened(Peer(Image)).connect(pictures.grey())
    for _ in range(5):  # more than are worked on before the signal
        peer.show(pictures.grey(1280, 720))
    status, seconds = suite.stop(how)
    assert status == 0, suite.output()
    assert seconds < 2
    last = suite.output().strip().splitlines()[-1]
    assert "frames by outcome" in last
    assert '"pending": 0' in last


def test_a_second_signal_during_the_end_does_no_harm(programs):
    suite = start_suite(programs)
    suite.says("ready")
    suite.process.send_signal(signal.SIGINT)
    status, _ = suite.stop(signal.SIGINT)
    assert status in (0, -signal.SIGINT)


def test_sigint_during_the_start_ends_the_suite_at_any_moment(programs):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    delays = random.Random(seed)
    for attempt in range(10):
        suite = start_suite(programs)
        time.sleep(delays.uniform(0.04 * attempt, 0.04 * (attempt + 1)))
        status, _ = suite.stop(signal.SIGINT)  # fails after 2 s, and on a trace of Go's
        assert status in (0, -signal.SIGINT), suite.output()  # the latter before main has begun


@pytest.mark.parametrize("moment", ["model loaded", "ready"])
def test_sigterm_at_the_end_of_the_start_ends_the_suite(programs, moment):
    suite = start_suite(programs)
    suite.says(moment)
    status, _ = suite.stop(signal.SIGTERM)
    assert status == 0, suite.output()


def test_a_namespace_moves_all_topics_and_nodes(raw):
    graph = raw.peer.node
    for node in ("scheduler", "traffic_light"):
        raw.peer.wait(lambda n=node: (n, "/raw") in graph.get_node_names_and_namespaces(), what=f"the node /raw/{node}")
        topics = raw.peer.wait(lambda n=node: graph.get_publisher_names_and_types_by_node(n, "/raw"), what="its topics")
        topics += graph.get_subscriber_names_and_types_by_node(node, "/raw")
        assert all(name.startswith("/raw/") or name in COMMON for name, _ in topics)


def test_topics_and_nodes_can_be_renamed(programs, opened):
    renamed = {"/lights": OUTPUTS["traffic_light/detections"], **dict(list(OUTPUTS.items())[1:])}
    start_suite(programs, PATIENT, arguments=(
        "-r", "camera/image_raw:=/front/image", "-r", "traffic_light/detections:=/lights",
        "-r", "scheduler:__node:=planner"))
    peer = opened(Peer(Image, topic="/front/image", outputs=renamed)).connect(pictures.grey())
    peer.wait(lambda: "planner" in peer.node.get_node_names(), what="the node under its new name")
    assert not peer.node.get_publishers_info_by_topic("/traffic_light/detections")


@pytest.mark.parametrize("way", ["file", "wildcard file", "command line", "node on the command line", "last one wins"])
def test_parameters_come_from_files_and_the_command_line(programs, tmp_path, way):
    file = tmp_path / "parameters.yaml"
    file.write_text("""
scheduler:
  ros__parameters: {late_policy: run}
traffic_light:
  ros__parameters: {deadline_ms: 12345, image_topic: front/image}
""" if way != "wildcard file" else """
/**:
  ros__parameters: {late_policy: run, deadline_ms: 12345.0, image_topic: front/image}
""")
    arguments = {
        "file": ("--params-file", file),
        "wildcard file": ("--params-file", file),
        "command line": ("-p", "late_policy:=run", "-p", "deadline_ms:=12345", "-p", "image_topic:=front/image"),
        "node on the command line": ("-p", "scheduler:late_policy:=run", "-p", "traffic_light:deadline_ms:=12345.0",
                                     "-p", "traffic_light:image_topic:=front/image"),
        "last one wins": ("-p", "traffic_light:deadline_ms:=1", "--params-file", file),
    }[way]
    line = start_suite(programs, arguments=arguments).says("ready")
    fields = json.loads(line[line.index("{") :])
    assert {"late_policy": "run", "deadline": "12.345s", "image_topic": "front/image"}.items() <= fields.items()
