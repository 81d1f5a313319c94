"""rtmdl profile times networks under a real camera's load, and what it writes is a task set."""

import json
import signal

import pytest
from process import ROOT

FIRST = ("profile", "--task", "lane", "--models", ROOT / "models")


def test_the_set_is_one_that_plan_and_simulate_take(programs, tmp_path):
    tasks, figures, picture, plan = (tmp_path / name for name in ("tasks.yaml", "profile.json", "profile.svg", "plan.yaml"))
    status, said = programs.run("rtmdl", *FIRST, "--time", "2s", "--out", tasks, "--json", figures, "--figure", picture)
    assert status == 0, said
    assert "frames a second came" in said

    report = json.loads(figures.read_text())
    (level,) = [lv for lv in report["levels"] if lv["name"] == "w100"]
    for stage in ("pre", "infer", "post"):
        times = level["stages"][stage]
        assert times["n"] >= 1
        assert 0 < times["low_ms"] <= times["median_ms"] <= times["high_ms"]
        assert times["median_ms"] <= times["p90_ms"] <= times["p99_ms"]
    assert level["stages"]["infer"]["median_ms"] > 0.1, "a network of some hundred million operations"
    verdict = report["noise"]["verdict"]
    assert verdict == "quiet" or verdict.startswith("noisy: ") and " over " in verdict
    assert f"# noise: {verdict}" in tasks.read_text()
    assert "# load: a camera of 30 Hz" in tasks.read_text()
    assert picture.read_text().startswith("<?xml")
    assert not list(tmp_path.glob("*.part"))

    for args in (("plan", "--tasks", tasks, "--out", plan), ("simulate", "--tasks", tasks, "--policy", "dm")):
        status, said = programs.run("rtmdl", *args)
        assert status == 0, said


def test_pairs_go_into_the_set(programs, tmp_path):
    tasks, figures = tmp_path / "tasks.yaml", tmp_path / "profile.json"
    status, said = programs.run("rtmdl", *FIRST, "--task", "traffic_light", "--pairs", "--time", "0s", "--load", "none",
                                "--bag", "none", "--quiet", "--out", tasks, "--json", figures)
    assert status == 0, said
    report = json.loads(figures.read_text())
    names = [[lv["name"] for lv in report["levels"] if lv["task"] == t] for t in ("traffic_light", "lane")]
    assert len(report["pairs"]) == len(names[0]) * len(names[1])
    assert all(p["n"] >= 2 and 0 < p["slow_a"] < 100 for p in report["pairs"])
    assert "# load: none" in tasks.read_text()
    assert tasks.read_text().count("slow_a") == len(report["pairs"])
    assert report["rounds"] == 1
    assert not report["levels"][0]["stages"]["infer"]["converged"], "of one sample"
    assert "not narrow enough: traffic_light/" in said


def test_an_interrupt_leaves_nothing(programs, tmp_path):
    tasks = tmp_path / "tasks.yaml"
    program = programs.start("rtmdl", *FIRST, "--precision", "0.000001", "--time", "5m", "--out", tasks)
    program.says("medians narrow enough")
    program.process.send_signal(signal.SIGINT)
    assert program.wait() == 1
    assert "interrupted: nothing was written" in program.output()
    assert not tasks.exists()


@pytest.mark.parametrize(("args", "said"), [
    ((), "--out FILE is missing"),
    (("--out", "no/such/folder/tasks.yaml"), "there is no folder no/such/folder"),
    (("--out", "t.yaml", "--task", "tram"), "there is no task 'tram'"),
    (("--out", "t.yaml", "--device", "gpu"), "want one of cpu, cuda, tensorrt"),
    (("--out", "t.yaml", "--load", "heavy"), "want camera or none"),
    (("--out", "t.yaml", "--precision", "0"), "--precision 0"),
    (("--out", "t.yaml", "--figure", "t.txt"), "must end in .svg"),
])
def test_what_is_wrong_is_said_before_anything_runs(programs, args, said):
    status, line = programs.run("rtmdl", "profile", *args)
    assert status == 2
    assert said in line
    assert len(line.strip().splitlines()) == 1


def test_a_folder_without_a_manifest_is_named(programs, tmp_path):
    status, line = programs.run("rtmdl", "profile", "--models", tmp_path, "--task", "lane", "--out", tmp_path / "t.yaml")
    assert status == 1
    assert f"{tmp_path / 'manifest.yaml'}: file cannot be read" in line
