"""Starts the suite: the scheduler and the traffic light node in one process.

    ros2 launch launch/suite.launch.py image_topic:=/camera/color/image_raw
    ros2 launch launch/suite.launch.py --show-args
"""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

HERE = Path(__file__).resolve().parent.parent  # share/rtmdl of an installation, or the checkout

ARGUMENTS = [
    DeclareLaunchArgument("image_topic", default_value="camera/image_raw", description="camera topic (sensor_msgs/Image)"),
    DeclareLaunchArgument("image_transport", default_value="raw", choices=["raw", "compressed"],
                          description="compressed: read <image_topic>/compressed instead"),
    DeclareLaunchArgument("namespace", default_value="", description="namespace of all nodes and topics"),
    DeclareLaunchArgument("params_file", default_value=str(HERE / "config" / "suite.yaml"),
                          description="parameters; the arguments here win over the file"),
    DeclareLaunchArgument("models_dir", default_value=str(HERE / "models"), description="folder with the networks"),
    DeclareLaunchArgument("device", default_value="cpu", choices=["cpu"], description="what runs the inferences"),
    DeclareLaunchArgument("log_level", default_value="info", choices=["debug", "info", "warn", "error", "fatal"],
                          description="lowest level that is logged"),
]


def executable(name):
    """The executable of an installation (lib/rtmdl), else that of the checkout (bin/)."""
    installed = HERE.parent.parent / "lib" / "rtmdl" / name
    return str(installed if installed.exists() else HERE / "bin" / name)


def start(context):
    value = {a.name: LaunchConfiguration(a.name).perform(context) for a in ARGUMENTS}
    return [
        Node(
            executable=executable("suite"),
            name=None,  # the process has several nodes, each with its own name
            namespace=value["namespace"],
            output="screen",
            additional_env={"RCUTILS_LOGGING_BUFFERED_STREAM": "1"},
            parameters=[value["params_file"],
                        {key: value[key] for key in ("image_topic", "image_transport", "models_dir", "device")}],
            arguments=["--ros-args", "--log-level", value["log_level"]],
            respawn=True,
            respawn_max_retries=10,  # a wrong parameter is not mended by starting again
            respawn_delay=1.0,
            sigterm_timeout="2",
        )
    ]


def generate_launch_description():
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=start)])
