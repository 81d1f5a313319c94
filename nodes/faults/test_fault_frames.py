"""Faults of what comes in: pictures that are none, stamps that can't be, a camera that falls silent, a clock that is set back."""

import bad_pictures
import pictures
from builtin_interfaces.msg import Time
from car import ALL_TASKS, TASKS
from diagnostic_msgs.msg import DiagnosticStatus
from process import PATIENT, start_suite
from rclpy.serialization import serialize_message
from rosgraph_msgs.msg import Clock

COMPRESSED = "image_transport:=compressed"


def all_refuse(car, publish, reasons):
    """Publishes bad pictures one by one: every task refuses each of them, once, for the reason."""
    for words in reasons:
        car.forget()
        publish(words)
        car.wait(lambda: len(car.timings) >= len(TASKS), what=f"the refusals of {words}")
        assert {t.task for t in car.timings} == set(TASKS)
        assert all(t.outcome in (t.OUTCOME_REFUSED, t.OUTCOME_FAILED) and t.missed for t in car.timings)
        assert all(t.reason.startswith("bad_image: ") for t in car.timings), car.timings


def ends_well(car, good, fault, suite):
    """All tasks answer a good picture; how long that took, and the counts, are kept."""
    with car.streaming(good):
        fault.back_after(car.back())
    fault.counts(car.statuses_at_rest())
    assert suite.running


def test_bad_raw_frames(programs, car, fault):
    """Raw frames that are none, each to all tasks: wrong sizes, steps, lengths and encodings, broken messages"""
    suite = start_suite(programs, PATIENT, ALL_TASKS)
    good = pictures.grey()
    car.connect(good)
    pictures_of = {name: picture for name, (picture, _) in bad_pictures.RAW.items()}
    all_refuse(car, lambda name: car.show(pictures_of[name]), pictures_of)
    data = serialize_message(good)
    all_refuse(car, lambda name: car.camera.publish(bytes(bad_pictures.DAMAGES[name](data))), bad_pictures.DAMAGES)
    fault.said(suite.says("a frame was not worked on"))
    ends_well(car, good, fault, suite)


def test_bad_compressed_frames(programs, compressed_car, fault):
    """Compressed frames that are none, each to all tasks: text, cut files, huge sizes"""
    suite = start_suite(programs, PATIENT, ALL_TASKS, COMPRESSED)
    good = pictures.compressed(pictures.PNG)
    compressed_car.connect(good)
    all_refuse(compressed_car, lambda name: compressed_car.show(pictures.compressed(bad_pictures.COMPRESSED[name][0])), bad_pictures.COMPRESSED)
    fault.said(suite.says("a frame was not worked on"))
    ends_well(compressed_car, good, fault, suite)


def test_stamps(programs, car, fault):
    """Stamps of 0, backwards, and in a far future"""
    suite = start_suite(programs, PATIENT, ALL_TASKS)
    good = pictures.grey()
    car.connect(good)
    for stamp in (Time(), Time(sec=5), Time(sec=4), Time(sec=2**31 - 1, nanosec=999_999_999)):
        car.forget()
        for results in car.results.values():
            results.clear()
        good.header.stamp = stamp
        car.camera.publish(good)
        car.wait(lambda: all(len(r) == 1 for r in car.results.values()), what=f"the results of a frame of {stamp}")
        assert all(r[0].header == good.header for r in car.results.values()), "the stamp is passed on as it is"
        car.wait(lambda: len(car.timings) == len(TASKS))
        assert not any(t.missed for t in car.timings), "deadlines do not go by stamps"
    fault.said("nothing: results carry the stamp bit for bit, and deadlines count from the receipt on the monotonic clock")
    ends_well(car, good, fault, suite)


def test_camera_silent(programs, car, fault):
    """The camera is silent for 5 s and comes back"""
    suite = start_suite(programs, PATIENT, ALL_TASKS)
    good = pictures.grey()
    car.connect(good)
    with car.streaming(good):
        car.serve(1)
    fault.said(car.diagnosed("traffic_light: camera", DiagnosticStatus.WARN, "the camera has fallen silent"))
    car.serve(3)
    ends_well(car, good, fault, suite)
    with car.streaming(good):
        car.diagnosed("traffic_light: camera", DiagnosticStatus.OK, "frames come")


def test_clock_set_back(programs, car, fault):
    """The clock (/clock, use_sim_time) is set back by an hour while frames come"""
    suite = start_suite(programs, PATIENT, ALL_TASKS, "use_sim_time:=true")
    clock = car.node.create_publisher(Clock, "/clock", 10)
    at = [10_000.0]

    def tick():
        at[0] += 0.05
        clock.publish(Clock(clock=Time(sec=int(at[0]), nanosec=int(at[0] % 1 * 1e9))))

    car.node.create_timer(0.05, tick)
    good = pictures.grey()
    car.connect(good)
    with car.streaming(good):
        car.wait(lambda: car.statuses, what="a status by the clock")
        car.forget()
        at[0] -= 3600
        fault.back_after(car.back())
        car.wait(lambda: any(s.header.stamp.sec < 7000 for s in car.statuses), what="a status after the jump")
        fault.said(suite.says("time has jumped back"))
        assert not any(t.missed for t in car.timings)
    fault.counts(car.statuses_at_rest())
    assert suite.running
