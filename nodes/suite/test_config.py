"""The parameter file and the launch file that come with the suite: what they name, the suite has."""

import re
import runpy
import sys
import types

import pytest
import yaml
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


class Recorded(types.SimpleNamespace):
    """Stands in for launch's classes: keeps what it was made of."""

    def __init__(self, *args, **kwargs):
        super().__init__(args=args, **kwargs)


@pytest.fixture
def launch(monkeypatch):
    """launch(**arguments) runs the launch file's own code with stand-ins for ROS's, and returns its Nodes."""
    for name, members in {
        "launch": ["LaunchDescription"],
        "launch.actions": ["DeclareLaunchArgument", "OpaqueFunction"],
        "launch.substitutions": ["LaunchConfiguration"],
        "launch_ros": [],
        "launch_ros.actions": ["Node"],
    }.items():
        module = types.ModuleType(name)
        for member in members:
            setattr(module, member, type(member, (Recorded,), {}))
        monkeypatch.setitem(sys.modules, name, module)

    def run(**given):
        sys.modules["launch.actions"].DeclareLaunchArgument.name = property(lambda self: self.args[0])
        sys.modules["launch.substitutions"].LaunchConfiguration.perform = (
            lambda self, _: given.get(self.args[0], defaults[self.args[0]]))
        file = runpy.run_path(str(ROOT / "launch" / "suite.launch.py"))
        defaults = {a.name: a.default_value for a in file["ARGUMENTS"]}
        assert set(given) <= set(defaults)
        return file["start"](None)

    return run


def started(programs, folder, node):
    """Starts what a launch Node says, with its parameters as launch_ros hands them over."""
    file, given = node.parameters
    name = node.executable.removeprefix(f"{ROOT / 'bin'}/")
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({"/**": {"ros__parameters": given}}))
    namespace = ("-r", f"__ns:=/{node.namespace}") if node.namespace else ()
    return programs.start(name, "--ros-args", "--params-file", file, "--params-file", path, *node.arguments[1:], *namespace)


def test_the_launch_file_starts_the_suite_with_parameters_that_it_has(launch, programs, tmp_path):
    (node,) = launch(image_topic="front/image", image_transport="compressed")
    suite = started(programs, tmp_path, node)
    assert suite.name == "suite"
    assert "front/image/compressed" in suite.says("ready")
    assert "WARN" not in suite.output()


def test_the_launch_file_starts_a_process_for_each_node_with_parameters_that_it_has(launch, programs, tmp_path):
    nodes = launch(composed="false", image_topic="front/image", namespace="car", rviz="true")
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
