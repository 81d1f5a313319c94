"""The types on both sides of a topic are one: the hashes of our publishers and subscriptions, and of rclpy's."""

import pytest
from peer import OUTPUTS, Spinner
from process import start_suite
from rtmdl.msg import Job, JobResult, TaskStatus
from sensor_msgs.msg import Image
from separate import start_node, start_scheduler

ONE = {"camera/image_raw": Image, **OUTPUTS}
SEVERAL = ONE | {"scheduler/jobs": Job, "scheduler/results/traffic_light": JobResult, "traffic_light/status": TaskStatus}


def one_process(programs):
    start_suite(programs)


def several(programs):
    start_scheduler(programs)
    start_node(programs)


@pytest.mark.parametrize(("start", "topics"), [(one_process, ONE), (several, SEVERAL)])
def test_type_hashes_are_those_of_rclpy(programs, opened, start, topics):
    start(programs)
    peer = opened(Spinner("hasher"))
    for topic, kind in topics.items():
        peer.node.create_subscription(kind, topic, lambda _: None, 10)
        if topic in ("camera/image_raw", "scheduler/jobs"):
            peer.node.create_publisher(kind, topic, 10)

    def ends(topic):
        found = peer.node.get_publishers_info_by_topic(topic) + peer.node.get_subscriptions_info_by_topic(topic)
        ours = [e for e in found if e.node_name != peer.node.get_name()]
        theirs = [e for e in found if e.node_name == peer.node.get_name()]
        return ours and theirs and (ours, theirs)

    for topic, kind in topics.items():
        ours, theirs = peer.wait(lambda t=topic: ends(t), what=f"both ends of {topic}")
        hashes = {str(e.topic_type_hash) for e in ours + theirs}
        assert len(hashes) == 1, f"{topic}: {hashes}"
        assert hashes != {"INVALID"}
        assert {e.topic_type for e in ours} == {f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}"}
        print(topic, *hashes)
