"""Plays a bag to the suite in a loop and watches what the suite uses: soak.py [--minutes 60] [--rate 1] [--out out/soak].

Memory, goroutines, threads and open files are read from the suite's own metrics. At the end: they are flat (the last quarter
of the time against the second one), and every frame of every task has its one outcome, or the exit status is 1. Writes
samples.csv, soak.json and the suite's log.
"""
import argparse
import csv
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SAMPLED = {"memory_bytes": "process_resident_memory_bytes", "goroutines": "go_goroutines", "threads": "go_threads",
           "open_files": "process_open_fds"}
FLAT = 0.02      # of the memory
FLAT_COUNT = 2   # goroutines, threads and files more or less
COUNTS = ("published", "replaced", "expired", "refused", "cancelled", "failed", "pending")


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def scrape(port):
    """The metrics of interest; None while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    except OSError:
        return None
    values = {}
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        if not line.startswith("#"):
            values[name] = float(value)
    jobs = sum(v for k, v in values.items() if k.startswith("rtmdl_jobs_total"))
    return {**{k: values[name] for k, name in SAMPLED.items()}, "jobs": jobs}


def verdict(samples):
    """What was found, by name, and whether it is flat. The first quarter is for warming up."""
    n = len(samples) // 4
    found = {}
    for name in SAMPLED:
        before, after = (statistics.median(s[name] for s in part) for part in (samples[n:2 * n], samples[-n:]))
        limit = FLAT * before if name == "memory_bytes" else FLAT_COUNT
        found[name] = {"before": before, "after": after, "flat": abs(after - before) <= limit}
    return found


def accounted(log):
    """By task, what the suite counted at its end, and whether it adds up."""
    found = {}
    for line in log.splitlines():
        if "frames by outcome" in line:
            counts = json.loads(re.search(r"\{.*\}", line).group())
            found[counts["task"]] = {**counts, "adds_up": counts["received"] == sum(counts[k] for k in COUNTS)}
    return found


def main():
    """Entry point; returns the exit code."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--minutes", type=float, default=60, help="how long (default: %(default)s)")
    p.add_argument("--rate", type=float, default=1, help="speed of playing (default: %(default)s)")
    p.add_argument("--every", type=float, default=15, help="seconds between two samples (default: %(default)s)")
    p.add_argument("--plan", choices=("auto", "fixed"), default="auto", help="the suite's parameter (default: %(default)s)")
    p.add_argument("--out", default=os.path.join(ROOT, "out", "soak"), help="folder of the results (default: out/soak)")
    args = p.parse_args()
    if args.minutes * 60 / args.every < 8:
        p.error("fewer than 8 samples: give more --minutes, or a smaller --every")
    os.makedirs(args.out, exist_ok=True)
    port, log = free_port(), os.path.join(args.out, "suite.log")
    with open(log, "w") as f:
        suite = subprocess.Popen([os.path.join(ROOT, "bin", "suite"), "--ros-args", "-p", "image_transport:=compressed", "-p",
                                  f"scheduler:plan:={args.plan}", "-p", f"scheduler:metrics_address:=127.0.0.1:{port}"],
                                 stdout=f, stderr=subprocess.STDOUT)
    player, samples = None, []
    try:
        ready = time.monotonic() + 60
        while "ready" not in open(log).read():
            if suite.poll() is not None or time.monotonic() > ready:
                print(f"soak: the suite did not start: {log}", file=sys.stderr)
                return 1
            time.sleep(0.2)
        player = subprocess.Popen([os.path.join(ROOT, "bin", "rtmdl"), "replay", os.path.join(ROOT, "internal", "demo", "demo.mcap"),
                                   "--loop", "--quiet", "--restamp", "--rate", str(args.rate), "--topics",
                                   "/camera/image_raw/compressed"])
        began = time.monotonic()
        with open(os.path.join(args.out, "samples.csv"), "w", newline="") as f:
            table = csv.DictWriter(f, ["s", *SAMPLED, "jobs"])
            table.writeheader()
            while (spent := time.monotonic() - began) < 60 * args.minutes:
                time.sleep(args.every)
                if suite.poll() is not None or player.poll() is not None:
                    print(f"soak: the suite or the player has ended by itself after {spent:.0f} s: {log}", file=sys.stderr)
                    return 1
                if sample := scrape(port):
                    samples.append({"s": round(time.monotonic() - began), **sample})
                    table.writerow(samples[-1])
                    f.flush()
                    print(f"\r{spent / 60:.1f} of {args.minutes:g} min: {sample['memory_bytes'] / 1e6:.0f} MB, "
                          f"{sample['goroutines']:.0f} goroutines, {sample['open_files']:.0f} files, {sample['jobs']:.0f} jobs",
                          end="", file=sys.stderr, flush=True)
    finally:
        for process in (player, suite):
            if process and process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(30)
    print(file=sys.stderr)
    with open(log) as f:
        result = {"minutes": args.minutes, "used": verdict(samples), "frames": accounted(f.read())}
    with open(os.path.join(args.out, "soak.json"), "w") as f:
        json.dump(result, f, indent=1)
    print(json.dumps(result, indent=1))
    good = len(result["frames"]) > 0 and all(u["flat"] for u in result["used"].values()) and \
        all(t["adds_up"] and t["pending"] == 0 and t["received"] > 0 for t in result["frames"].values())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
