"""Runs bin/suite as a user would, on a ROS domain of its own, beside an rclpy peer."""

import os
import pathlib
import signal
import subprocess
import time

import pytest
import rclpy

ROOT = pathlib.Path(__file__).resolve().parents[2]


def wait_for(condition, seconds=10.0, node=None):
    """Spins node until condition() holds; fails after the given time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"nothing after {seconds} s"
        if node is None:
            time.sleep(0.02)
        else:
            rclpy.spin_once(node, timeout_sec=0.02)


class Suite:
    """A running bin/suite with its output."""

    def __init__(self, log, *parameters):
        args = [str(ROOT / "bin" / "suite"), "--ros-args"]
        for p in parameters:
            args += ["-p", p]
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(args, stdout=out, stderr=out)

    def output(self):
        return self.log.read_text(errors="replace")

    def stop(self, how=signal.SIGINT, seconds=2.0):
        """Ends the suite and returns (exit status, seconds that it took)."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the suite did not end within {seconds} s:\n{self.output()}") from None
        return status, time.monotonic() - began


@pytest.fixture(scope="session", autouse=True)
def domain():
    """A ROS domain that no other run on this machine uses."""
    os.environ["ROS_DOMAIN_ID"] = str(1 + os.getpid() % 100)
    rclpy.init()
    yield
    rclpy.shutdown()


@pytest.fixture
def start(tmp_path):
    """start(*parameters) starts a suite, which ends with the test."""
    started = []

    def begin(*parameters):
        suite = Suite(tmp_path / f"suite{len(started)}.log", *parameters)
        started.append(suite)
        return suite

    yield begin
    for suite in started:
        if suite.process.poll() is None:
            suite.stop(seconds=5)
