"""Parameters as ROS's tools see them: rclpy clients of the six services do what `ros2 param` and rqt do."""

import math

import pytest
import yaml
from peer import Peer
from pictures import grey
from process import PATIENT, ROOT, start_suite
from rcl_interfaces.msg import ParameterType
from sensor_msgs.msg import Image
from services import Client, parameter

NODES = ["scheduler", "traffic_light", "sign", "lane"]


@pytest.fixture
def client(opened):
    return lambda node: opened(Client(node))


@pytest.fixture(scope="module")
def suite(shared_programs):
    running = shared_programs.start("suite", "--ros-args", "-r", "__ns:=/car", "--params-file", ROOT / "config" / "suite.yaml",
                                    "-p", "lane:score_threshold:=0.5")
    running.says("ready")
    yield running
    assert running.stop()[0] == 0


@pytest.mark.parametrize("node", NODES)
def test_every_parameter_is_listed_described_and_dumped(suite, client, node):
    c = client(f"/car/{node}")
    listed = c.call("list_parameters").result
    described = c.call("describe_parameters", names=listed.names).descriptors
    kinds = list(c.call("get_parameter_types", names=listed.names).types)
    assert [d.name for d in described] == list(listed.names)
    assert kinds == [d.type for d in described]
    assert all(d.description for d in described if d.name != "use_sim_time")
    dumped = dict(zip(listed.names, c.get(*listed.names), strict=True))
    wanted = yaml.safe_load((ROOT / "config" / "suite.yaml").read_text())[f"/**/{node}"]["ros__parameters"]
    for name, value in wanted.items():
        assert dumped[name] == value or list(dumped[name]) == value, name


def test_a_range_is_described(suite, client):
    (deadline, cores, missing) = client("/car/lane").call(
        "describe_parameters", names=["deadline_ms", "camera_height_m", "no_such"]).descriptors
    assert (deadline.floating_point_range[0].from_value, deadline.floating_point_range[0].to_value) == (0.1, 60000)
    assert not deadline.read_only
    assert cores.read_only
    assert missing.type == ParameterType.PARAMETER_NOT_SET


def test_prefixes_and_depth(suite, client):
    c = client("/car/scheduler")
    below = c.call("list_parameters", prefixes=["lane"], depth=1).result
    assert set(below.names) == {"lane.max_miss_rate", "lane.rate_hz", "lane.variant", "lane.score_threshold"}
    assert list(below.prefixes) == ["lane"]
    top = c.call("list_parameters", depth=1).result
    assert "device" in top.names
    assert not any("." in n for n in top.names)


@pytest.mark.parametrize(("node", "name", "value", "reason"), [
    ("lane", "deadline_ms", 0.0, "deadline_ms is 0, and must be from 0.1 to 60000"),
    ("lane", "deadline_ms", math.nan, "deadline_ms is NaN, and must be from 0.1 to 60000"),
    ("lane", "deadline_ms", "soon", "deadline_ms is 'soon', and must be a number"),
    ("lane", "image_topic", "other", "image_topic is read at start only: start the node with -p image_topic:=other"),
    ("lane", "no_such", 1, "no_such is not known; it has use_sim_time, image_topic"),
    ("lane", "deadline_ms", None, "deadline_ms can't be deleted"),
    ("scheduler", "device", "tpu", "device is 'tpu', and must be one of cpu, cuda, tensorrt"),
    ("scheduler", "lane.max_miss_rate", 0.2, "lane.max_miss_rate is used with plan auto only, and plan is fixed"),
    ("scheduler", "lane.variant", "w101", "w101"),
    ("scheduler", "priorities", ["lane"], "priorities has lane, and must have each of traffic_light, sign, lane once"),
])
def test_what_can_not_be_set_is_refused_with_the_reason(suite, client, node, name, value, reason):
    c = client(f"/car/{node}")
    before = c.get(name) if name != "no_such" else None
    assert reason in c.set(name, value)
    if before:
        assert c.get(name) == before


def test_all_or_nothing(suite, client):
    c = client("/car/scheduler")
    result = c.call("set_parameters_atomically", parameters=[
        parameter("max_pending", 7), parameter("lane.score_threshold", 0.7), parameter("lane.max_miss_rate", 0.9)]).result
    assert not result.successful
    assert "plan auto only" in result.reason
    assert c.get("max_pending", "lane.score_threshold") == [64, 0.0]
    assert c.call("set_parameters_atomically", parameters=[parameter("max_pending", 7), parameter("priorities", ["sign", "lane", "traffic_light"])]
                  ).result.successful
    assert c.get("max_pending", "priorities") == [7, ["sign", "lane", "traffic_light"]]
    assert c.set("priorities", []) == ""
    assert c.set("max_pending", 64) == ""


def test_changes_are_told(suite, client):
    c = client("/car/sign")
    assert c.set("deadline_ms", 150) == ""  # a whole number will do
    event = c.wait(lambda: next((e for e in c.events if e.node == "/car/sign" and e.changed_parameters), None), what="the event")
    assert [p.name for p in event.changed_parameters] == ["deadline_ms"]
    assert event.changed_parameters[0].value.double_value == 150
    assert event.stamp.sec > 0
    c.events.clear()
    assert c.set("deadline_ms", 150.0) == ""
    c.serve(0.3)
    assert not c.events  # it had that value
    assert c.set("deadline_ms", 200.0) == ""


def test_what_is_set_is_in_force(programs, opened, client):
    start_suite(programs, PATIENT, "score_threshold:=0.0000001")
    peer = opened(Peer(Image)).connect(grey())
    scheduler, node = client("/scheduler"), client("/traffic_light")
    _, before = peer.ask(grey())
    assert before.detections  # at such a threshold there is always something
    assert scheduler.set("traffic_light.score_threshold", 1.0) == ""
    _, after = peer.ask(grey())
    assert not after.detections
    assert node.set("deadline_ms", 0.1) == ""
    timing, _ = peer.ask(grey())
    assert timing.deadline_ns - timing.received_ns == 100_000
    assert timing.missed
    assert node.set("deadline_ms", 20000.0) == ""
    assert scheduler.set("traffic_light.variant", "w50s6") == ""
    timing, _ = peer.ask(grey())
    assert timing.variant == "w50s6"
    peer.wait(lambda: peer.statuses and peer.statuses[-1].tasks[0].variant == "w50s6", what="a status with the new variant")


def test_in_processes_of_their_own(programs, opened, client):
    programs.start("scheduler", "--ros-args", "-p", "tasks:=[traffic_light]").says("ready")
    programs.start("traffic_light", "--ros-args", "-p", PATIENT).says("a scheduler answers")
    peer = opened(Peer(Image)).connect(grey())
    assert client("/traffic_light").set("deadline_ms", 0.1) == ""
    timing, _ = peer.ask(grey())
    assert timing.deadline_ns - timing.received_ns == 100_000
