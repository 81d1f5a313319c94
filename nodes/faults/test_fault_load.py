"""Faults of the surroundings: load, slow neighbours, many topics, a full disk, no more file handles."""

import contextlib
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

import pictures
import pytest
from car import ALL_TASKS, Car
from diagnostic_msgs.msg import DiagnosticStatus
from process import PATIENT, ROOT, start_suite
from sensor_msgs.msg import Image
from services import Caller

HERE = pathlib.Path(__file__).parent


@contextlib.contextmanager
def neighbour(script, word):
    """Runs a script of this folder beside, once it has said its word."""
    with subprocess.Popen([sys.executable, HERE / script], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline().strip() == word
            yield process
        finally:
            process.kill()


def latencies(car):
    return sorted((t.published_ns - t.received_ns) / 1e6 for t in car.timings if t.outcome == t.OUTCOME_PUBLISHED)


def test_ten_times_the_load(programs, car, fault):
    """10 times the load for 6 s: 50 frames a second in the place of 5, with the deadlines as they come"""
    suite = start_suite(programs, ALL_TASKS)
    good = pictures.grey(320, 240)
    with car.streaming(good):
        car.back()
    with car.streaming(good, 50):
        fault.said(car.diagnosed("scheduler: traffic_light", DiagnosticStatus.WARN, "over budget"))
        car.serve(6)
    car.forget()
    began = time.monotonic()
    with car.streaming(good):
        car.wait(lambda: {t.task for t in car.timings if not t.missed and t.header.stamp.sec > 1_700_000_000 + car.shown - 10} == set(car.tasks),
                 what="results in time of all tasks")
        fault.back_after(time.monotonic() - began, "until all tasks are in time again")
    fault.counts(car.statuses_at_rest())
    assert suite.running


def test_slow_subscriber(programs, car, fault):
    """A subscriber of results and debug images is stopped and takes nothing more"""
    suite = start_suite(programs, PATIENT, ALL_TASKS)
    good = pictures.grey(320, 240)
    car.connect(good)
    with neighbour("slow_subscriber.py", "subscribed") as slow, car.streaming(good):
        car.serve(3)
        before = latencies(car)
        slow.send_signal(signal.SIGSTOP)
        fault.back_after(car.back())
        car.forget()
        car.serve(6)
        after = latencies(car)
        slow.send_signal(signal.SIGCONT)
    middle = [sorted(all_)[len(all_) // 2] for all_ in (before, after)]
    fault.said(f"nothing: others are not held up; the median from receipt to result was {middle[0]:.0f} ms before, {middle[1]:.0f} ms with it")
    assert middle[1] < 3 * middle[0] + 20
    fault.counts(car.statuses_at_rest())
    assert suite.running


def test_200_topics_beside(programs, car, opened, fault):
    """200 topics of other nodes beside, 400 messages a second, and a second suite that comes among them"""
    suite = start_suite(programs, PATIENT, ALL_TASKS)
    good = pictures.grey()
    car.connect(good)
    with neighbour("topics_beside.py", "there"), car.streaming(good):
        fault.back_after(car.back())
        car.forget()
        car.serve(5)
        missed = sum(t.missed for t in car.timings)
        late = opened(Car(Image, namespace="/late"))
        began = time.monotonic()
        start_suite(programs, PATIENT, ALL_TASKS, arguments=("-r", "__ns:=/late"))
        with late.streaming(good):
            late.back()
        fault.said(f"nothing: {missed} of {len(car.timings)} frames were missed; the other suite's first results came {time.monotonic() - began:.1f} s after its start")
    assert missed < len(car.timings) / 4
    fault.counts(car.statuses_at_rest())
    assert suite.running


def test_file_handles_exhausted(programs, car, opened, fault):
    """The suite's process may open no more files: a model is to be loaded then, and a new listener comes"""
    suite = start_suite(programs, PATIENT, ALL_TASKS)
    good = pictures.grey()
    car.connect(good)
    caller = opened(Caller())
    assert caller.load("w50s8").success
    _, hard = resource.prlimit(suite.process.pid, resource.RLIMIT_NOFILE)
    handles = {int(name) for name in os.listdir(f"/proc/{suite.process.pid}/fd")}
    lowest_free = next(n for n in range(len(handles) + 1) if n not in handles)
    resource.prlimit(suite.process.pid, resource.RLIMIT_NOFILE, (lowest_free, hard))
    with car.streaming(good):
        answer = caller.load("w100")
        assert not answer.success
        assert "too many open files" in answer.message
        fault.said(suite.says("no model was loaded"))
        listener = opened(Car(Image))
        listener.serve(1)
        car.back()
    resource.prlimit(suite.process.pid, resource.RLIMIT_NOFILE, (hard, hard))
    with car.streaming(good):
        began = time.monotonic()
        listener.wait(lambda: listener.detections or car.executor.spin_once(0.01), what="a result at the new listener")
        fault.back_after(time.monotonic() - began, "until a listener that came meanwhile has results; others had them all the time")
        assert caller.load("w100").success
    fault.counts(car.statuses_at_rest())
    assert suite.running


def own_mounts():
    """What gives a shell mounts of its own, [] where that is not allowed."""
    for words in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        if subprocess.run([*words, "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True).returncode == 0:
            return words
    return []


def test_disk_full(programs, car, fault, tmp_path):
    """The disk becomes full while a bag is recorded: a file system of 1 MiB"""
    if not (unshare := own_mounts()):
        pytest.skip("mounts of one's own are not allowed here")
    suite = start_suite(programs, PATIENT, ALL_TASKS)
    good = pictures.grey(320, 240)
    car.connect(good)
    disk, kept = tmp_path / "disk", tmp_path / "kept.mcap"
    disk.mkdir()
    script = (f"mount -t tmpfs -o size=1m none {disk}; {ROOT}/bin/rtmdl record /camera/image_raw /scheduler/job_timing -o {disk}/drive.mcap; "
              f"status=$?; cp {disk}/drive.mcap {kept}; exit $status")
    with car.streaming(good), subprocess.Popen([*unshare, "sh", "-c", script], stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True) as recorder:
        car.wait(lambda: recorder.poll() is not None, what="the end of the recorder")
        output = recorder.stdout.read()
        fault.back_after(car.back(), "of the suite, which does not notice")
    assert recorder.returncode == 1
    line = next(line for line in output.splitlines() if "no space left on device" in line)
    fault.said(line.replace(str(disk), "disk"))
    status, said = programs.run("rtmdl", "replay", kept, "--recover", "--wait", "1ms", "--rate", "100")
    assert status == 0, said
    assert int(said.rsplit("played ", 1)[1].split()[0]) > 0
    fault.counts(car.statuses_at_rest())
    assert suite.running
