"""Two suites on one machine, in two namespaces, each with a camera of its own."""

import pictures
import pytest
from peer import Peer
from process import PATIENT, start_suite
from sensor_msgs.msg import CompressedImage, Image
from separate import start_node, start_scheduler

FRAMES = 10


def one_process(programs, namespace, *parameters):
    start_suite(programs, PATIENT, *parameters, arguments=("-r", f"__ns:={namespace}"))


def several(programs, namespace, *parameters):
    start_scheduler(programs, namespace=namespace)
    start_node(programs, *parameters, namespace=namespace)


@pytest.mark.parametrize("start", [one_process, several])
def test_two_suites_do_not_hear_each_other(programs, opened, start):
    start(programs, "/left")
    start(programs, "/right", "image_transport:=compressed")
    left = opened(Peer(Image, namespace="/left"))
    right = opened(Peer(CompressedImage, namespace="/right"))
    green, grey = pictures.raw(pictures.light(), "rgb8"), pictures.compressed(pictures.png(64, 48))
    green.header.frame_id, grey.header.frame_id = "left", "right"
    left.connect(green)
    right.connect(grey)
    for peer in (left, right):
        peer.settled()
    before = left.settled(), right.settled()
    for peer in (left, right):
        peer.forget()
    for _ in range(FRAMES):
        shown = left.show(green), right.show(grey)
        assert left.answer(shown[0])[1].detections
        assert not right.answer(shown[1])[1].detections
    for peer, frame, state, then in ((left, "left", "green", before[0]), (right, "right", "unknown", before[1])):
        now = peer.settled()
        assert now["received"] - then["received"] == now["published"] - then["published"] == FRAMES
        assert {d.header.frame_id for d in peer.detections} == {t.header.frame_id for t in peer.timings} == {frame}
        assert {s.data for s in peer.states} == {state}
        assert len(peer.detections) == len(peer.timings) == FRAMES
