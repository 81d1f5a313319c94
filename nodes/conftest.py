"""What all tests over real DDS share: a ROS domain of their own, and programs that end with their test."""

import contextlib
import os

import pytest
import rclpy
from process import Programs, free_domain


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
