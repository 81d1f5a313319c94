"""The ROS package: colcon builds and installs it from a clean workspace, and what it installed runs."""

import os
import shutil
import subprocess
import sys

import pytest
from process import ROOT, Program

PREFIX = os.pathsep.join(p for p in os.environ["AMENT_PREFIX_PATH"].split(os.pathsep) if not p.startswith(str(ROOT / ".build")))


def tracked_files():
    """The files that a clone has, and those that will be committed."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, check=True).stdout
    return [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The prefix of a colcon build of a copy of the project, with nothing of this checkout's own build."""
    workspace = tmp_path_factory.mktemp("workspace")
    for name in tracked_files():
        to = workspace / "src" / "rtmdl" / name
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to)
    colcon = [
        sys.executable, "-m", "colcon", "build", "--event-handlers", "console_direct+", "--base-paths", "src/rtmdl", "src/rtmdl/msgs/vision_msgs",
        "--merge-install", "--cmake-args", f"-DONNXRUNTIME={ROOT / '.build/prefix/lib/libonnxruntime.so'}", f"-DPython3_EXECUTABLE={sys.executable}",
        "-DBUILD_TESTING=OFF", "--no-warn-unused-cli",
    ]
    env = {k: v for k, v in os.environ.items() if not k.startswith("CGO_")}
    env |= {"AMENT_PREFIX_PATH": PREFIX, "CMAKE_PREFIX_PATH": PREFIX, "COLCON_LOG_PATH": str(workspace / "log")}
    built = subprocess.run(colcon, cwd=workspace, env=env, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout[-6000:] + built.stderr[-6000:]
    return workspace / "install"


def test_colcon_installs_executables_launch_parameters_and_networks(installed):
    for name in [*(f"lib/rtmdl/{name}" for name in ("suite", "scheduler", "traffic_light", "sign", "lane", "rtmdl")),
                 "share/rtmdl/package.xml", "share/rtmdl/launch/suite.launch.py", "share/rtmdl/config/suite.yaml",
                 "share/rtmdl/models/traffic_light/w100.onnx", "share/rtmdl/models/manifest.yaml",
                 "share/rtmdl/msg/JobTiming.msg", "lib/librtmdl__rosidl_typesupport_c.so"]:
        assert (installed / name).is_file(), name
    assert not (installed / "share/rtmdl/models/train").exists()


def test_the_installed_suite_runs_with_nothing_sourced(installed, tmp_path):
    suite = Program(tmp_path / "suite.log", installed / "lib/rtmdl/suite")
    suite.says("ready")
    assert str(installed / "share/rtmdl/models") in suite.output()
    assert suite.stop()[0] == 0
