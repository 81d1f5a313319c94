"""What all tests over real DDS share: a ROS domain of their own, and programs that end with their test."""

import contextlib
import os
import random
import socket

import pytest
import rclpy
from process import Programs


def free_domain():
    """A ROS domain without participants on this machine: the first one's unicast port is free."""
    for number in random.sample(range(1, 100), 99):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("", 7400 + 250 * number + 10))
                return number
            except OSError:
                continue
    raise AssertionError("all ROS domains are in use")


@pytest.fixture(scope="session", autouse=True)
def domain():
    os.environ["ROS_DOMAIN_ID"] = str(free_domain())
    rclpy.init()
    yield
    rclpy.shutdown()


@pytest.fixture
def opened():
    """opened(node) returns the node (see peer.Spinner) and closes it when the test ends."""
    with contextlib.ExitStack() as nodes:
        yield nodes.enter_context


@pytest.fixture
def programs(tmp_path):
    with Programs(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def shared_programs(tmp_path_factory):
    """Programs that all tests of a file use."""
    with Programs(tmp_path_factory.mktemp("shared")) as started:
        yield started
