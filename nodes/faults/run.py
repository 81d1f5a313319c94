"""Runs all faults several times and writes what became of them: `make fault-test`.

    internal/setup/python.sh nodes/faults/run.py --tries 3 --out docs/faults.md
"""

import argparse
import json
import os
import pathlib
import platform
import sys
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIMIT = 2.0  # seconds within which results are to be back


class Recorder:
    """Runs every test several times, and keeps what the tests tell of their faults."""

    def __init__(self, tries):
        self.tries, self.runs = tries, []

    def pytest_generate_tests(self, metafunc):
        metafunc.fixturenames.append("attempt")
        metafunc.parametrize("attempt", range(1, self.tries + 1))

    def pytest_runtest_logreport(self, report):
        told = dict(report.user_properties)
        if "fault" in told and (report.when == "call" or report.failed):
            words = report.nodeid.rpartition("[")[2].rstrip("]").split("-")
            self.runs.append(told | {"variant": "".join(w for w in words if not w.isdigit()), "outcome": report.outcome})


def rows(runs):
    """The runs by fault, in the order in which they came."""
    faults = {}
    for run in runs:
        name = run["fault"] + (f" ({run['variant']})" if run["variant"] else "")
        faults.setdefault(name, []).append(run)
    return faults


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def row(name, tries):
    """One line of the table."""
    failed = sum(t["outcome"] != "passed" for t in tries)
    seconds = [t["back"]["seconds"] for t in tries if "back" in t]
    back = ", ".join(f"**{s:.2f}**" if s > LIMIT else f"{s:.2f}" for s in seconds)
    of = next((t["back"]["of"] for t in reversed(tries) if "back" in t), "")
    counts = [t["counts"] for t in tries if "counts" in t]
    total = {key: sum(c[key] for c in counts) for key in counts[0]} if counts else {}
    frames = f"{total.pop('received')} = " + " + ".join(f"{n} {key}" for key, n in total.items() if n) if total else "none came"
    said = next((t["said"] for t in reversed(tries) if "said" in t), "")
    last = f"**{failed} of {len(tries)} failed**; " if failed else ""
    return f"| {cell(name)} | {cell(said)} | {back or '–'}{'; ' + of if of else ''} | {last}{frames} |"


def document(runs, took):
    faults = rows(runs)
    late = [s for tries in faults.values() for t in tries if (s := t.get("back", {}).get("seconds", 0)) > LIMIT]
    back = sum("back" in t for t in runs)
    lines = [
        "# Faults", "",
        "What becomes of the suite under abuse, over real DDS with real networks. Written by `make fault-test`; by hand nothing is changed here.",
        "",
        f"{len(faults)} faults, {len(runs)} runs, {sum(t['outcome'] != 'passed' for t in runs)} failed; {took / 60:.0f} minutes on "
        f"{os.cpu_count()} cores ({platform.machine()}), {time.strftime('%Y-%m-%d')}. "
        f"Results were back within {LIMIT:.0f} s in {back - len(late)} of the {back} runs in which they were waited for; longer ones are in bold.",
        "",
        "*Back after*: seconds from the end of the fault until a result of a frame that was shown after it has come to a subscriber (of all tasks "
        "that run), each run; frames come every 0.2 s. *Frames*: those of all runs and tasks as the suite counted them; that they add up is "
        "checked for each task in each run. A process that has ended is started again as the launch file does, which waits a little.",
        "",
        "| fault | how it is named | back after, s | frames |", "| --- | --- | --- | --- |",
        *(row(name, tries) for name, tries in faults.items()), "",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=3, help="runs of each fault (default 3)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "out" / "fault-test" / "faults.md", help="the table")
    parser.add_argument("-k", default="", help="only faults whose test has this in its name")
    given = parser.parse_args()
    recorder, began = Recorder(given.tries), time.monotonic()
    status = pytest.main(["-q", "-p", "no:cacheprovider", str(HERE), *(["-k", given.k] if given.k else [])], plugins=[recorder])
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(document(recorder.runs, time.monotonic() - began))
    figures = ROOT / "out" / "fault-test" / "faults.json"
    figures.parent.mkdir(parents=True, exist_ok=True)
    figures.write_text(json.dumps(recorder.runs, indent=1))
    print(f"written: {given.out}, and what was told of every run: {figures.relative_to(ROOT)}")
    sys.exit(status)


if __name__ == "__main__":
    main()
