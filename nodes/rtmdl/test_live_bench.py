"""rtmdl live-bench runs the suite and plain nodes on one camera, and counts what they publish in time."""

import json


def test_plain_nodes_and_the_suite_are_measured_alike(programs, tmp_path):
    folder = tmp_path / "live"
    command = ("live-bench", "--methods", "plain_rclgo,split", "--settings", 1, "--rates", 2, "--seconds", 2, "--out", folder)
    program = programs.start("rtmdl", *command)
    assert program.wait(120) == 0, program.output()
    results = json.loads((folder / "results.json").read_text())
    assert results["machine"]["cores"] >= 1
    assert [run["method"] for run in results["runs"]] == ["plain_rclgo", "split"]
    for run in results["runs"]:
        assert run["rate_hz"] == 2
        assert run["cpu_s"] > 0.1, "three networks ran"
        assert [task["name"] for task in run["tasks"]] == ["traffic_light", "sign", "lane"]
        for task in run["tasks"]:
            assert task["frames"] == sum(task["outcomes"].values()) == 4
            assert task["published"] >= 1, "but for a machine that is very busy"
            assert task["variants"]["w100"] >= task["published"]
            assert task["miss_rate"] == task["missed"] / 4
            assert 1 < task["p50_ms"] <= task["max_ms"]
            assert task["deadline_ms"] == 500
            assert 0 <= task["loss"] < 0.01, "the largest is near the most accurate one"
        assert 0 < run["on_time_accuracy"] < 1
    assert "| 2 | split |" in (folder / "results.md").read_text()
    assert (folder / "figures" / "live-miss.svg").is_file()

    before = (folder / "results.json").read_text()
    status, said = programs.run("rtmdl", *command, "--continue")
    assert status == 0, said
    assert (folder / "results.json").read_text() == before, "nothing was left to measure"


def test_an_unknown_method_is_refused(programs, tmp_path):
    status, said = programs.run("rtmdl", "live-bench", "--methods", "magic", "--out", tmp_path)
    assert status == 2
    assert "unknown method 'magic'" in said
