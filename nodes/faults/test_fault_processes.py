"""Processes that die, and one that is there twice."""

import re
import time

import pictures
import pytest
from car import ALL_TASKS, RESPAWN, TASKS
from process import PATIENT, start_suite


@pytest.fixture
def separate(programs, car):
    """A scheduler and all nodes in processes of their own, which work."""
    start = {"scheduler": lambda: programs.start("scheduler", "--ros-args", "-p", ALL_TASKS)}
    start |= {task: lambda t=task: programs.start(t, "--ros-args", "-p", PATIENT) for task in TASKS}
    running = {name: begin() for name, begin in start.items()}
    with car.streaming(pictures.grey()):
        car.back()
        car.serve(1)
    return start, running


def test_scheduler_killed(car, separate, fault):
    """The scheduler's process is killed with jobs under way, and started again"""
    start, running = separate
    with car.streaming(pictures.grey()):
        car.serve(1)
        running["scheduler"].kill()
        car.serve(RESPAWN)
        start["scheduler"]()
        fault.back_after(car.back() + RESPAWN, f"of it {RESPAWN} until it is started")
    told = re.compile(r'.*"jobs_lost": [1-9].*')  # one that is back within a second is not missed, and still has lost them
    fault.said(car.wait(lambda: told.search(running["traffic_light"].output()), what="a word of the jobs that were lost")[0])
    car.statuses_at_rest()
    fault.counts([car.own_status_at_rest(task) for task in TASKS])  # the nodes have lived through it


def test_node_killed(car, separate, fault):
    """A perception node's process is killed with jobs under way, and started again"""
    start, running = separate
    with car.streaming(pictures.grey()):
        car.serve(1)
        running["sign"].kill()
        began = time.monotonic()
        car.back(("traffic_light", "lane"))
        car.wait(lambda: time.monotonic() > began + RESPAWN)
        start["sign"]()
        fault.back_after(car.back() + RESPAWN, f"of it {RESPAWN} until it is started; the other tasks went on")
    fault.said(running["scheduler"].says("a node is gone"))
    fault.counts(car.statuses_at_rest())


def test_two_suites(programs, car, fault):
    """Two suites with one name, on one camera; then one of them ends"""
    first = start_suite(programs, PATIENT, ALL_TASKS)
    good = pictures.grey()
    car.connect(good)
    second = start_suite(programs, PATIENT, ALL_TASKS)
    with car.streaming(good):
        car.wait(lambda: "another node is called" in first.output() + second.output(), what="a warning")
        fault.said(first.says("another node is called"))
        second.says("another node is called")
        assert second.stop()[0] == 0
        fault.back_after(car.back())
    fault.counts(car.statuses_at_rest())
    assert first.running
