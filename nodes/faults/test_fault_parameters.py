"""Parameters that no sane person gives."""

import math

import pictures
from car import ALL_TASKS
from process import PATIENT, start_suite
from services import Client

AT_START = ("traffic_light:deadline_ms:=.nan", "lane:deadline_ms:=.inf", "sign:deadline_ms:=-1.0", "sign:deadline_ms:=1.0e300",
            "scheduler:max_pending:=0", "scheduler:max_pending:=9223372036854775807", "scheduler:score_threshold:=-.inf",
            "scheduler:lane.max_miss_rate:=.nan", "scheduler:cpu_cores:=[-1]", "scheduler:cpu_cores:=[1000000]",
            "scheduler:accelerator_slots:=3", "scheduler:hang_limit_s:=.nan", "lane:camera_height_m:=.nan")
LIVE = [("scheduler", "max_pending", v) for v in (0, -1, 2**62)]
LIVE += [("scheduler", f"{t}.score_threshold", v) for t in ("traffic_light", "sign", "lane") for v in (math.nan, math.inf, -0.1, 1.1)]
LIVE += [(t, "deadline_ms", v) for t in ("traffic_light", "sign", "lane") for v in (math.nan, math.inf, -math.inf, 0.0, 1e300)]


def test_parameters_at_start(programs, fault):
    """NaN, infinite and out-of-range parameters at start"""
    for given in AT_START:
        status, output = programs.run("suite", "--ros-args", "-p", given)
        assert status == 1
        name = given.split(":")[1]
        line = next(line for line in output.splitlines() if name in line)
        assert "must be" in line, output
    fault.said(line)


def test_parameters_while_running(programs, car, opened, fault):
    """NaN, infinite and out-of-range parameters while the suite runs"""
    suite = start_suite(programs, PATIENT, ALL_TASKS)
    good = pictures.grey()
    car.connect(good)
    clients = {node: opened(Client(f"/{node}")) for node in {node for node, _, _ in LIVE}}
    with car.streaming(good):
        for node, name, value in LIVE:
            before = clients[node].get(name)
            reason = clients[node].set(name, value)
            assert "must be" in reason
            assert clients[node].get(name) == before
        fault.said(f"refused: {reason}")
        fault.back_after(car.back())
    fault.counts(car.statuses_at_rest())
    assert suite.running
