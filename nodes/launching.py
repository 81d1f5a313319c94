"""Runs the launch file's own code with stand-ins for ROS's launch, which no registry has."""

import runpy
import sys
import types
from unittest import mock

import yaml
from process import ROOT

FILE = ROOT / "launch" / "suite.launch.py"


class Recorded(types.SimpleNamespace):
    """Stands in for launch's classes: keeps what it was made of."""

    def __init__(self, *args, **kwargs):
        super().__init__(args=args, **kwargs)


def load(file=FILE, **given):
    """Runs a launch file with arguments; returns its Nodes and the names of its arguments."""
    modules = {}
    for name, members in {
        "launch": ["LaunchDescription"],
        "launch.actions": ["DeclareLaunchArgument", "OpaqueFunction"],
        "launch.substitutions": ["LaunchConfiguration"],
        "launch_ros": [],
        "launch_ros.actions": ["Node"],
    }.items():
        modules[name] = types.ModuleType(name)
        for member in members:
            setattr(modules[name], member, type(member, (Recorded,), {}))
    modules["launch.actions"].DeclareLaunchArgument.name = property(lambda self: self.args[0])
    modules["launch.substitutions"].LaunchConfiguration.perform = lambda self, _: given.get(self.args[0], defaults[self.args[0]])
    with mock.patch.dict(sys.modules, modules):
        code = runpy.run_path(str(file))
        defaults = {a.name: a.default_value for a in code["ARGUMENTS"]}
        if unknown := set(given) - set(defaults):
            raise ValueError(f"{file} has no argument {', '.join(unknown)}")
        return code["start"](None), set(defaults)


def command(node, folder):
    """The words that start what a Node says, with its parameters as launch_ros hands them over: in a file of the folder."""
    file, given = node.parameters
    path = folder / f"{node.executable.rpartition('/')[2]}.yaml"
    path.write_text(yaml.safe_dump({"/**": {"ros__parameters": given}}))
    namespace = ("-r", f"__ns:=/{node.namespace}") if node.namespace else ()
    return [node.executable, "--ros-args", "--params-file", file, "--params-file", path, *node.arguments[1:], *namespace]
