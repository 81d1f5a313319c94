"""Starts the suite: the scheduler and the perception nodes, in one process or in one each.

    ros2 launch launch/suite.launch.py image_topic:=/camera/color/image_raw
    ros2 launch launch/suite.launch.py composed:=false namespace:=car
    ros2 launch launch/suite.launch.py --show-args
"""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

HERE = Path(__file__).resolve().parent.parent  # share/rtmdl of an installation, or the checkout

TASKS = ["traffic_light", "sign", "lane"]  # each has a perception node of its name

ARGUMENTS = [
    DeclareLaunchArgument("image_topic", default_value="camera/image_raw", description="camera topic (sensor_msgs/Image)"),
    DeclareLaunchArgument("image_transport", default_value="raw", choices=["raw", "compressed"],
                          description="compressed: read <image_topic>/compressed instead"),
    DeclareLaunchArgument("composed", default_value="true", choices=["true", "false"],
                          description="all nodes in one process (no image is copied), or each in its own"),
    DeclareLaunchArgument("namespace", default_value="", description="namespace of all nodes and topics"),
    DeclareLaunchArgument("params_file", default_value=str(HERE / "config" / "suite.yaml"),
                          description="parameters; the arguments here win over the file"),
    DeclareLaunchArgument("use_sim_time", default_value="false", choices=["true", "false"],
                          description="time of the topic /clock for what the suite stamps itself"),
    DeclareLaunchArgument("autostart", default_value="true", choices=["true", "false"],
                          description="false: the nodes wait to be configured and activated (ros2 lifecycle set)"),
    DeclareLaunchArgument("models_dir", default_value=str(HERE / "models"), description="folder with the networks"),
    DeclareLaunchArgument("device", default_value="cpu", choices=["cpu", "cuda", "tensorrt"],
                          description="what runs the inferences; cpu where that can't be had"),
    DeclareLaunchArgument("plan", default_value="", choices=["", "fixed", "auto"],
                          description="auto: the scheduler chooses the networks' sizes and priorities itself; empty: as in the file"),
    DeclareLaunchArgument("rviz", default_value="false", choices=["true", "false"],
                          description="start rviz2, with config/suite.rviz"),
    DeclareLaunchArgument("log_level", default_value="info", choices=["debug", "info", "warn", "error", "fatal"],
                          description="lowest level that is logged"),
]

SCHEDULER = ["models_dir", "device", "plan"]  # arguments that are parameters of the scheduler's node,
PERCEPTION = ["image_topic", "image_transport"]  # of each perception node,
ALL = ["use_sim_time", "autostart"]  # and of all


def executable(name):
    """The executable of an installation (lib/rtmdl), else that of the checkout (bin/)."""
    installed = HERE.parent.parent / "lib" / "rtmdl" / name
    return str(installed if installed.exists() else HERE / "bin" / name)


def process(name, value, parameters):
    """One of the suite's executables, which is started again when it dies."""
    given = {key: value[key] for key in parameters if value[key]} | {key: value[key] == "true" for key in ALL}
    return Node(
        executable=executable(name),
        name=None,  # each node of the process has its own name
        namespace=value["namespace"],
        output="screen",
        additional_env={"RCUTILS_LOGGING_BUFFERED_STREAM": "1"},
        parameters=[value["params_file"], given],
        arguments=["--ros-args", "--log-level", value["log_level"]],
        respawn=True,
        respawn_max_retries=10,  # a wrong parameter is not mended by starting again
        respawn_delay=0.2,
        sigterm_timeout="2",
    )


def start(context):
    value = {a.name: LaunchConfiguration(a.name).perform(context) for a in ARGUMENTS}
    if value["composed"] == "true":
        nodes = [process("suite", value, SCHEDULER + PERCEPTION)]
    else:
        nodes = [process("scheduler", value, SCHEDULER), *(process(task, value, PERCEPTION) for task in TASKS)]
    if value["rviz"] == "true":
        nodes.append(Node(package="rviz2", executable="rviz2", namespace=value["namespace"],
                          arguments=["-d", str(HERE / "config" / "suite.rviz")]))
    return nodes


def generate_launch_description():
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=start)])
