"""Faults of the networks and of the device that runs them."""

import os
import time

import networks
import numpy as np
import pictures
import pytest
from car import ALL_TASKS, RESPAWN, Car, counted_at_the_end
from diagnostic_msgs.msg import DiagnosticStatus
from process import PATIENT, start_suite
from services import Caller
from sensor_msgs.msg import Image

WHITE = pictures.raw(np.full((48, 64, 3), 255))
GARBAGE = b"garbage" * 1000


def in_place(file):
    with open(file, "r+b") as f:
        f.write(os.urandom(file.stat().st_size))


def renamed(file):
    aside = file.with_suffix(".new")
    aside.write_bytes(GARBAGE)
    aside.rename(file)


def cut(file):
    os.truncate(file, 0)


def boxes(detections):
    return [(d.bbox, d.results) for d in detections.detections]


@pytest.mark.parametrize("how", [renamed, in_place, cut], ids=["another file", "in place", "cut to nothing"])
def test_model_replaced(programs, compressed_car, opened, fault, tmp_path, how):
    """All networks and weights are replaced by garbage while they run"""
    models = networks.models_folder(tmp_path / "models")
    suite = start_suite(programs, PATIENT, ALL_TASKS, "image_transport:=compressed", f"models_dir:={models}")
    photograph = pictures.compressed(pictures.JPEG)
    compressed_car.connect(photograph)
    _, before = compressed_car.ask(photograph)
    assert before.detections
    for file in (*models.glob("*/*.onnx"), *models.glob("*/shared.data")):
        how(file)
    with compressed_car.streaming(photograph):
        fault.back_after(compressed_car.back())
        compressed_car.serve(1)
    _, after = compressed_car.ask(photograph)
    assert boxes(after) == boxes(before), "what runs is what was loaded"
    answer = opened(Caller()).load("w100")
    assert not answer.success
    fault.said(suite.says("no model was loaded").replace(str(models), "models"))
    compressed_car.ask(photograph)
    fault.counts(compressed_car.statuses_at_rest())
    assert suite.running


def test_device_hangs(programs, opened, fault, tmp_path):
    """The device hangs in an inference, and it has one slot: the process ends, and is started again as the launch file does"""
    models = networks.models_folder(tmp_path / "models", networks.HANGS)
    parameters = ("deadline_ms:=20000", f"models_dir:={models}")
    suite = start_suite(programs, *parameters)
    car = opened(Car(Image, tasks=("traffic_light",))).connect(pictures.grey())
    for _ in range(3):
        car.ask(pictures.grey())
    car.forget()
    began = time.monotonic()
    header = car.show(WHITE)
    timing = car.wait(lambda: next((t for t in car.timings if t.header == header), None), what="the end of the job that hangs")
    assert timing.outcome == timing.OUTCOME_FAILED
    assert "the device hangs" in timing.reason
    assert suite.wait() == 1
    found = time.monotonic() - began
    fault.said(suite.says_at_last("suite: the device hangs"))
    time.sleep(RESPAWN)
    start_suite(programs, *parameters)
    with car.streaming(pictures.grey()):
        car.back()
    fault.back_after(time.monotonic() - began, f"of it {found:.1f} until the process had ended, {RESPAWN} until it is started")
    fault.counts([*counted_at_the_end(suite), *car.statuses_at_rest()])


def test_one_slot_hangs(programs, opened, fault, tmp_path):
    """The device hangs in one of two slots: the other one goes on"""
    models = networks.models_folder(tmp_path / "models", networks.HANGS)
    suite = start_suite(programs, PATIENT, "tasks:=[traffic_light, sign]", f"models_dir:={models}", "accelerator_slots:=2",
                        "accelerator_cores:=[0, 1]")
    car = opened(Car(Image, tasks=("traffic_light", "sign"))).connect(pictures.grey())
    for _ in range(3):
        car.ask(pictures.grey())
    began = time.monotonic()
    car.show(WHITE)
    with car.streaming(pictures.grey()):
        car.back()
        fault.back_after(time.monotonic() - began)
        fault.said(car.diagnosed("scheduler: device", DiagnosticStatus.ERROR, "1 of 2 slots are closed"))
    fault.counts(car.statuses_at_rest())
    assert suite.stop()[0] == 0, "an inference that hangs does not keep the process from its end"
