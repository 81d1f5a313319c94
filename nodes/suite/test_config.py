"""The parameter file and the launch file that come with the suite: what they name, the suite has."""

import re

import launching
import pytest
from process import ROOT

FILE = ROOT / "config" / "suite.yaml"
TASKS = ["traffic_light", "sign", "lane"]


def test_the_parameter_file_is_accepted_without_a_warning(programs):
    suite = programs.start("suite", "--ros-args", "--params-file", FILE)
    suite.says("ready")
    assert "WARN" not in suite.output()
    assert suite.stop()[0] == 0


@pytest.mark.parametrize(("process", "node"), [
    ("suite", "scheduler"), ("suite", "traffic_light"), ("suite", "sign"), ("suite", "lane"),
    ("scheduler", "scheduler"), ("traffic_light", "traffic_light"), ("sign", "sign"), ("lane", "lane"),
])
def test_the_parameter_file_explains_every_parameter(programs, process, node):
    suite = programs.start(process, "--ros-args", "-p", f"{node}:no_such_name:=1")
    assert suite.wait() != 0
    names = re.search(r"it has ([\w., ]+)", suite.output())[1].split(", ")
    section = FILE.read_text().split(f"/**/{node}:")[1].split("/**/")[0]
    assert len(names) > 2
    assert not [n for n in names if not re.search(rf"^ +(# )?{re.escape(n)}:", section, re.MULTILINE)]


def started(programs, folder, node):
    """Starts what a launch Node says."""
    executable, *arguments = launching.command(node, folder)
    return programs.start(executable.removeprefix(f"{ROOT / 'bin'}/"), *arguments)


def test_the_launch_file_starts_the_suite_with_parameters_that_it_has(programs, tmp_path):
    (node,), _ = launching.load(image_topic="front/image", image_transport="compressed")
    suite = started(programs, tmp_path, node)
    assert suite.name == "suite"
    assert "front/image/compressed" in suite.says("ready")
    assert "WARN" not in suite.output()


def test_the_launch_file_starts_a_process_for_each_node_with_parameters_that_it_has(programs, tmp_path):
    nodes, _ = launching.load(composed="false", image_topic="front/image", namespace="car", rviz="true")
    rviz = nodes.pop()
    assert (rviz.package, rviz.executable) == ("rviz2", "rviz2")
    assert all(node.respawn for node in nodes)
    running = [started(programs, tmp_path, node) for node in nodes]
    names = [program.name for program in running]
    assert names[0] == "scheduler"
    assert names[1:] == [t for t in TASKS if t in names]
    for program in running[1:]:
        assert "front/image" in program.says("ready")
        program.says("a scheduler answers")
    for program in running:
        assert "is not known" not in program.output()
        assert "parameters that no node" not in program.output()
