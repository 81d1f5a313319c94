"""Lifecycle, enabling, and models that are swapped while the suite runs: what nav2's lifecycle manager and `ros2 service call` do."""

import shutil

import pytest
from lifecycle_msgs.msg import TransitionEvent
from lifecycle_msgs.srv import GetAvailableStates, GetAvailableTransitions
from peer import Peer
from pictures import grey
from process import PATIENT, ROOT, start_suite
from rtmdl.srv import ListModels
from sensor_msgs.msg import Image
from services import Caller
from std_srvs.srv import SetBool, Trigger


@pytest.fixture
def caller(opened):
    return opened(Caller())


def flows(peer):
    """Waits for a result of a frame that is shown from now on."""
    peer.forget()
    with peer.streaming(grey()):
        peer.wait(lambda: peer.detections, what="a result")


def stays_silent(peer, seconds=1.0):
    """Shows frames, and sees that none comes back."""
    peer.serve(0.3)  # what is under way comes back
    peer.forget()
    with peer.streaming(grey()):
        peer.serve(seconds)
    assert not peer.detections


def test_a_node_goes_through_its_states(programs, opened, caller):
    start_suite(programs, PATIENT)
    peer = opened(Peer(Image)).connect(grey())
    events = []
    caller.node.create_subscription(TransitionEvent, "traffic_light/transition_event", events.append, 10)
    node = "traffic_light"
    assert caller.state(node) == "active"
    states = caller.call(GetAvailableStates, f"{node}/get_available_states").available_states
    assert [(s.id, s.label) for s in states] == [(1, "unconfigured"), (2, "inactive"), (3, "active"), (4, "finalized")]
    possible = caller.call(GetAvailableTransitions, f"{node}/get_available_transitions").available_transitions
    assert [t.transition.label for t in possible] == ["deactivate", "shutdown"]
    graph = caller.call(GetAvailableTransitions, f"{node}/get_transition_graph").available_transitions
    assert len(graph) == 7
    assert not caller.change(node, "configure")  # it is
    assert caller.change(node, "deactivate")
    stays_silent(peer)
    assert caller.state(node) == "inactive"
    assert caller.change(node, number=3)
    flows(peer)
    assert caller.change(node, "deactivate")
    assert caller.change(node, "cleanup")
    assert caller.state(node) == "unconfigured"
    caller.wait(lambda: [(e.start_state.label, e.goal_state.label) for e in events][-2:]
                == [("active", "inactive"), ("inactive", "unconfigured")], what="the events")


def test_a_scheduler_that_was_cleaned_up_comes_back(programs, opened, caller):
    suite = start_suite(programs, PATIENT)
    peer = opened(Peer(Image)).connect(grey())
    assert caller.change("scheduler", "deactivate")
    with peer.streaming(grey()):
        peer.serve(0.5)
    suite.says("inactive: the scheduler is inactive")
    assert caller.change("scheduler", "cleanup")
    assert caller.in_use() == []
    answer = caller.load("w100")
    assert not answer.success
    assert "not configured" in answer.message
    stays_silent(peer)
    assert caller.change("scheduler", "configure")
    stays_silent(peer, 0.5)
    assert caller.change("scheduler", "activate")
    flows(peer)
    counts = peer.settled()
    assert counts["received"] == sum(v for k, v in counts.items() if k not in ("received", "missed"))
    assert caller.change("scheduler", "shutdown")
    assert caller.state("scheduler") == "finalized"
    assert not caller.change("scheduler", "configure")


def test_without_autostart_nothing_happens_before_it_is_asked_for(programs, opened, caller):
    suite = start_suite(programs, PATIENT, "autostart:=false")
    suite.says("waiting to be configured and activated, since autostart is false")
    peer = opened(Peer(Image))
    for node in ("scheduler", "traffic_light"):
        assert caller.state(node) == "unconfigured"
        assert not caller.change(node, "activate")
    stays_silent(peer, 0.5)
    for node in ("scheduler", "traffic_light"):
        assert caller.change(node, "configure")
        assert caller.change(node, "activate")
    flows(peer)


def test_a_node_that_can_not_be_configured_says_why_and_stays(programs, opened, caller, tmp_path):
    suite = start_suite(programs, PATIENT, "autostart:=false", f"models_dir:={tmp_path}")
    assert not caller.change("scheduler", "configure")
    assert str(tmp_path) in suite.says("the state was not changed")
    assert caller.state("scheduler") == "unconfigured"


def test_a_task_is_switched_off_and_on(programs, opened, caller):
    start_suite(programs, PATIENT)
    peer = opened(Peer(Image)).connect(grey())
    assert caller.call(SetBool, "traffic_light/enable", data=False).success
    stays_silent(peer)
    assert caller.call(SetBool, "traffic_light/enable", data=True).success
    flows(peer)
    assert caller.change("traffic_light", "deactivate")
    answer = caller.call(SetBool, "traffic_light/enable", data=True)
    assert "inactive" in answer.message


def test_models_are_swapped_under_load_and_no_frame_is_lost(programs, opened, caller):
    start_suite(programs, PATIENT)
    peer = opened(Peer(Image)).connect(grey())
    models = caller.call(ListModels, "scheduler/list_models").models
    assert [(m.variant, m.loaded) for m in models if m.in_use] == [("w100", True)]
    assert all(m.task == "traffic_light" and 0.3 < m.accuracy <= 1 and m.bytes > 1000 for m in models)
    assert len({m.path for m in models}) == len(models) > 5
    peer.settled()
    with peer.streaming(grey(), 20):
        for variant in ("w50s6", "w50d50s2", "w100"):
            answer = caller.load(variant)
            assert answer.success, answer.message
            assert caller.in_use() == [variant]
            peer.wait(lambda v=variant: peer.timings and peer.timings[-1].variant == v, what=f"a job of {variant}")
    counts = peer.settled()
    assert counts["received"] == counts["published"] + counts["replaced"]
    assert counts["failed"] == counts["refused"] == 0


def test_a_model_that_can_not_be_loaded_leaves_the_old_one(programs, opened, caller, tmp_path):
    suite = start_suite(programs, PATIENT)
    peer = opened(Peer(Image)).connect(grey())
    copy = tmp_path / "models"
    shutil.copytree(ROOT / "models", copy, ignore=shutil.ignore_patterns("train"))
    (copy / "traffic_light" / "w50s6.onnx").write_bytes(b"garbage" * 1000)
    for request, words in [
        ({"variant": "w50s6", "models_dir": copy}, "w50s6"), ({"variant": "w3"}, "it has w100"), ({"variant": "w100", "task": "lane"}, "does not run"),
        ({"variant": "w100", "models_dir": tmp_path / "none"}, "none"),
    ]:
        answer = caller.load(**request)
        assert not answer.success
        assert words in answer.message
    suite.says("no model was loaded: the one that was there stays")
    assert caller.in_use() == ["w100"]
    flows(peer)
    answer = caller.load("w50d50s2", models_dir=copy)  # the rest of that folder is sound
    assert answer.success, answer.message
    flows(peer)


def test_a_new_plan_is_made_when_asked_for(programs, opened, caller):
    start_suite(programs, PATIENT)
    answer = caller.call(Trigger, "scheduler/replan")
    assert not answer.success
    assert "plan auto" in answer.message
