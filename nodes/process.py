"""Runs the project's executables as a user does, with nothing sourced, and ends each of them by its id."""

import contextlib
import fcntl
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
KEPT = ("HOME", "PATH", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_DOMAIN_ID")
PATIENT = "deadline_ms:=20000"  # on a loaded machine, too, no frame is late
TRACES = ("goroutine ", "fatal error:", "SIGSEGV", "SIGABRT")


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


class Program:
    """A running executable of bin/ with what it prints."""

    def __init__(self, log, name, *args, **environment):
        self.name, self.log = name, log
        env = {k: os.environ[k] for k in KEPT if k in os.environ}
        env |= {"ROS_LOG_DIR": str(log.parent / "ros"), **environment}
        with open(log, "wb") as out:
            self.process = subprocess.Popen(
                [ROOT / "bin" / name, *map(str, args)], stdout=out, stderr=out, env=env, cwd=log.parent)

    @property
    def running(self):
        return self.process.poll() is None

    def output(self):
        return self.log.read_text(errors="replace")

    def says(self, text, seconds=30.0):
        """Waits until the program has printed a text, and returns the line."""
        end = time.monotonic() + seconds
        while True:
            for line in self.output().splitlines():
                if text in line:
                    return line
            assert self.running, f"{self.name} ended without saying '{text}':\n{self.output()}"
            assert time.monotonic() < end, f"{self.name} does not say '{text}':\n{self.output()}"
            time.sleep(0.002)

    def says_at_last(self, text):
        """The line with a text of a program that has ended."""
        assert not self.running
        return next(line for line in self.output().splitlines() if text in line)

    def kill(self):
        """Kills the program, and removes the shared memory that Fast DDS could not: over 32 MiB a process."""
        mapped = pathlib.Path(f"/proc/{self.process.pid}/maps").read_text()
        self.process.kill()
        self.process.wait()
        for segment in set(re.findall(r"/dev/shm/fastrtps_[0-9a-f]{16}", mapped)):
            with contextlib.suppress(OSError), open(segment + "_el") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails where its owner lives
                os.unlink(segment)
                os.unlink(lock.name)

    def wait(self, seconds=30.0):
        """Waits for the program's own end and returns its exit status; a signal's number is negative."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {seconds} s:\n{self.output()}") from None
        assert not any(t in self.output() for t in TRACES), f"{self.name} crashed:\n{self.output()}"
        return status

    def stop(self, how=signal.SIGINT, seconds=2.0):
        """Signals the program and returns (exit status, seconds that its end took)."""
        began = time.monotonic()
        if self.running:
            self.process.send_signal(how)
        return self.wait(seconds), time.monotonic() - began


class Programs:
    """Starts programs and, as a context, ends those that still run."""

    def __init__(self, folder):
        self.folder, self.started = folder, []

    def start(self, name, *args, **environment):
        log = self.folder / f"{name}{len(self.started)}.log"
        self.started.append(Program(log, name, *args, **environment))
        return self.started[-1]

    def run(self, name, *args, **environment):
        """Runs a program to its end and returns (exit status, output)."""
        program = self.start(name, *args, **environment)
        return program.wait(), program.output()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.ExitStack() as ending:  # one that does not end keeps no other from its end
            for program in self.started:
                if program.running:
                    ending.callback(program.stop, seconds=5)


def start_suite(programs, *parameters, arguments=()):
    """Starts a suite with parameters, such as PATIENT, and further ROS arguments; of one task, unless they say which."""
    if not any(p.startswith("tasks:=") for p in parameters):
        parameters = ("tasks:=[traffic_light]", *parameters)
    given = [word for p in parameters for word in ("-p", p)]
    return programs.start("suite", "--ros-args", *given, *arguments)
