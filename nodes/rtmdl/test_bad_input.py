"""What is wrong with a bag, an output or the command line is said in one line, with exit code 1, or 2 for usage."""

import shutil

import bags
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore


def refuse(programs, *args, status=1):
    got, said = programs.run("rtmdl", *args)
    assert got == status, said
    (line,) = said.strip().splitlines()
    assert line.startswith("rtmdl: "), said
    return line


FOREIGN = {
    "empty": (b"", "no bytes"),
    "text": (b"once upon a time\n" * 100, "text file"),
    "SQLite": (b"SQLite format 3\0" + bytes(1000), "rtmdl import"),
    "ROS 1": (b"#ROSBAG V2.0\n" + bytes(1000), "ROS 1"),
    "binary": (bytes(range(256)) * 10, "binary data"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(1000), "zstd"),
    "JPEG": (b"\xff\xd8\xff" + bytes(1000), "JPEG"),
    "magic alone": (b"\x89MCAP0\r\n", "not finished"),
}


@pytest.mark.parametrize(("content", "said"), FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_is_no_bag_is_named(programs, tmp_path, content, said):
    file = tmp_path / "some.mcap"
    file.write_bytes(content)
    line = refuse(programs, "replay", file)
    assert str(file) in line
    assert said in line


def test_a_missing_bag_and_a_folder_without_one_are_named(programs, tmp_path):
    assert f"{tmp_path / 'none.mcap'}: no such file" in refuse(programs, "replay", tmp_path / "none.mcap")
    (tmp_path / "folder").mkdir()
    assert f"{tmp_path / 'folder'}: not an MCAP file" in refuse(programs, "replay", tmp_path / "folder")


@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
def test_a_truncated_bag_is_named_with_what_to_do(programs, bag, tmp_path, share):
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(bag.read_bytes()[: int(bag.stat().st_size * share)])
    line = refuse(programs, "replay", cut)
    assert f"{cut}: bag is not finished" in line
    assert "--recover" in line


def test_messages_that_a_damaged_bag_has_lost_are_told(programs, bag, tmp_path):
    data = bytearray(bag.read_bytes())
    record = data.index(b"message 7") - 39  # opcode 1, length 8, head of a message 22, of a string 8
    data[record + 1 : record + 9] = b"\xff" * 8  # so that the records behind it can't be found either
    spoiled = tmp_path / "spoiled.mcap"
    spoiled.write_bytes(data)
    _, said = programs.run("rtmdl", "replay", spoiled, "--wait", "1ms", "--rate", "1000")
    assert "bag is damaged" in said


def test_a_type_that_is_not_installed_is_named(programs, tmp_path):
    store = get_typestore(Stores.ROS2_JAZZY)
    store.register(get_types_from_msg("uint8 number", "martian_msgs/msg/Probe"))
    with Writer(tmp_path / "bag", version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection("/probe", "martian_msgs/msg/Probe", typestore=store)
        writer.write(connection, bags.START, b"\0\1\0\0\7\0\0\0")
    line = refuse(programs, "replay", tmp_path / "bag")
    assert "/probe" in line
    assert "martian_msgs/msg/Probe is not installed" in line


def test_a_topic_that_the_bag_does_not_have_is_named_with_those_that_it_has(programs, bag):
    line = refuse(programs, "replay", bag, "--topics", "/text,/nothing")
    assert "no topic /nothing; it has /header, /text" in line


@pytest.mark.parametrize(("args", "status", "said"), [
    (("--start", "2"), 1, "nothing to play: the start is 2s, but the bag is only 1.95s long"),
    (("--start", "-1"), 2, "--start is -1s, and can't be below 0"),
    (("--start", "soon"), 2, 'invalid argument "soon" for "--start" flag: must be a number of seconds, or a duration such as 1m30s'),
    (("--duration", "0"), 2, "--duration is 0s, and must be above 0"),
    (("--duration", "-1m"), 2, "--duration is -1m0s, and must be above 0"),
    (("--topics", "/text", "--start", "1", "--duration", "0.01"), 1, "nothing to play: no messages from 1s to 1.01s of the bag"),
    (("--clock=0",), 2, "--clock is 0, and must be above 0, up to 1000 Hz"),
    (("--clock=-1",), 2, "--clock is -1, and must be above 0, up to 1000 Hz"),
    (("--clock=1001",), 2, "--clock is 1001, and must be above 0, up to 1000 Hz"),
    (("--clock=nan",), 2, "--clock is NaN, and must be above 0, up to 1000 Hz"),
    (("--clock", "40"), 2, "takes one bag, got 2 (see rtmdl replay --help); how often goes behind a =, as in --clock=40"),
    (("--clock", "--restamp"), 2, "--restamp stamps with the time of playing, --clock tells the bag's time; choose one"),
    (("--draw", "out.avi", "--start", "1"), 2, "--draw draws the whole bag, without --clock, --start and --duration"),
], ids=str)
def test_a_part_or_a_clock_that_cant_be_is_named(programs, bag, args, status, said):
    assert said in refuse(programs, "replay", bag, *args, status=status)


@pytest.mark.parametrize("args", [
    ("nonsense",),
    ("replay",),
    ("replay", "one.mcap", "two.mcap"),
    ("replay", "one.mcap", "--nonsense"),
    ("replay", "one.mcap", "--rate", "0"),
    ("replay", "one.mcap", "--rate", "-1"),
    ("replay", "one.mcap", "--rate", "nan"),
    ("replay", "one.mcap", "--rate", "fast"),
    ("replay", "one.mcap", "--wait", "5"),
    ("record",),
    ("record", "--all", "/topic"),
    ("record", "/topic", "--compression", "rar"),
    ("record", "/topic", "--duration", "-1s"),
    ("record", "/topic", "--duration", "soon"),
    ("record", "two words"),
    ("record", ""),
], ids=" ".join)
def test_wrong_usage_is_exit_code_2_and_one_line(programs, args):
    refuse(programs, *args, status=2)


@pytest.mark.parametrize("command", ["replay", "record", "report"])
def test_every_subcommand_has_help(programs, command):
    status, said = programs.run("rtmdl", command, "--help")
    assert status == 0
    assert f"rtmdl {command}" in said


def test_bad_ros_arguments_are_named(programs, bag):
    assert "'-r nonsense'" in refuse(programs, "replay", bag, "--ros-args", "-r", "nonsense")
    assert "'-r nonsense'" in refuse(programs, "record", "/topic", "--ros-args", "-r", "nonsense")


@pytest.mark.parametrize("where", ["missing/bag.mcap", "file/bag.mcap", "folder", "/dev/full", "/proc/bag.mcap"])
def test_an_output_that_cant_be_written_is_named(programs, tmp_path, where):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    out = tmp_path / where  # an absolute one stays as it is
    line = refuse(programs, "record", "/topic", "--overwrite", "--output", out)
    assert str(out) in line


def test_an_existing_file_is_refused_and_kept(programs, bag, tmp_path):
    kept = shutil.copy(bag, tmp_path / "kept.mcap")
    line = refuse(programs, "record", "/topic", "--output", kept)
    assert f"{kept}: file exists" in line
    assert kept.read_bytes() == bag.read_bytes()
