"""What is wrong at the start is said in one clear line, with exit code 1."""

import hashlib
import os
import pathlib
import re
import shutil

import pytest
import yaml
from process import ROOT, start_suite

FIRST = min(os.sched_getaffinity(0))


def refuse(programs, *parameters, arguments=()):
    """Starts a suite that must not start, and returns its one line."""
    suite = start_suite(programs, *parameters, arguments=arguments)
    status = suite.wait()
    said = suite.output()
    assert status == 1, said
    lines = [line for line in said.splitlines() if line.startswith("suite: ")]
    others = [line for line in said.splitlines() if not re.match(r"suite: |\[(INFO|WARN)\]", line)]
    assert len(lines) == 1, said
    assert not others, said
    return lines[0]


@pytest.fixture
def models(tmp_path):
    """A copy of the project's models, to be spoiled."""
    shutil.copytree(ROOT / "models" / "traffic_light", tmp_path / "models" / "traffic_light")
    shutil.copy(ROOT / "models" / "manifest.yaml", tmp_path / "models")
    return tmp_path / "models"


def spoil_model(models, how):
    file = models / "traffic_light" / "w100.onnx"
    whole = file.read_bytes()
    if how == "missing":
        file.unlink()
    elif how == "a folder":
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes({
            "empty": b"",
            "truncated": whole[: len(whole) // 2],
            "cut at its end": whole[:-1000],
            "text": b"no network\n" * 100,
            "other bytes": whole[:-1] + bytes([whole[-1] ^ 1]),
            "a picture": (ROOT / "nodes" / "suite" / "testdata" / "light.jpg").read_bytes(),
        }[how])
    return file


def trust(models):
    """Makes the manifest say of the network what is there."""
    file = models / "traffic_light" / "w100.onnx"
    manifest = yaml.safe_load((models / "manifest.yaml").read_text())
    level = manifest["tasks"][0]["levels"][0]
    level["sha256"], level["bytes"] = hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size
    (models / "manifest.yaml").write_text(yaml.safe_dump(manifest))


@pytest.mark.parametrize(("how", "said"), [
    ("missing", "no such file"),
    ("a folder", "is no ordinary file"),
    ("empty", "has 0, not "),
    ("truncated", "size disagrees"),
    ("cut at its end", "size disagrees"),
    ("text", "has 1100, not "),
    ("a picture", "size disagrees"),
    ("other bytes", "SHA-256 disagrees"),
])
def test_a_bad_model_file_is_named(programs, models, how, said):
    spoil_model(models, how)
    line = refuse(programs, f"models_dir:={models}")
    assert f"{models}/manifest.yaml:" in line
    assert "tasks[0].levels[0]" in line
    assert "traffic_light/w100.onnx" in line
    assert said in line


@pytest.mark.parametrize(("how", "said"), [
    ("truncated", "it ends too early"),
    ("text", "bad ONNX file"),
    ("a picture", "bad ONNX file"),
])
def test_a_bad_model_file_that_the_manifest_has_is_named(programs, models, how, said):
    spoil_model(models, how)
    trust(models)
    line = refuse(programs, f"models_dir:={models}")
    assert "traffic_light/w100.onnx: " in line
    assert said in line


def test_a_folder_without_a_manifest_is_named(programs, models):
    (models / "manifest.yaml").unlink()
    line = refuse(programs, f"models_dir:={models}")
    assert f"{models}/manifest.yaml: file cannot be read: no such file" in line
    assert "models/train/README.md" in line


def test_what_is_wrong_with_other_levels_does_not_matter(programs, models):
    (models / "traffic_light" / "w50s8.onnx").unlink()
    start_suite(programs, f"models_dir:={models}").says("ready")


def test_a_model_of_another_task_is_named(programs, models):
    """A network with one input and one output, of 32-bit floats: written by hand, since nothing here writes ONNX."""
    (models / "traffic_light" / "w100.onnx").write_bytes(identity_network())
    trust(models)
    line = refuse(programs, f"models_dir:={models}")
    assert "traffic_light/w100.onnx: tensors disagree: its inputs are [{x [1]}], and must be [{image" in line


def identity_network():
    """The ONNX file of y = Identity(x), both of shape [1]."""

    def field(number, data):
        kind = 0 if isinstance(data, int) else 2
        return bytes([number << 3 | kind]) + (bytes([data]) if kind == 0 else bytes([len(data)]) + data)

    def value(name):
        shape = field(2, field(1, field(1, 1)))
        return field(1, name) + field(2, field(1, field(1, 1) + shape))

    node = field(1, b"x") + field(2, b"y") + field(4, b"Identity")
    graph = field(1, node) + field(2, b"g") + field(11, value(b"x")) + field(12, value(b"y"))
    return field(1, 9) + field(7, graph) + field(8, field(1, b"") + field(2, 17))


@pytest.mark.parametrize(("labels", "said"), [
    (None, "no such file"),
    ("", "labels.txt has []"),
    ("green\nyellow\nred\n", '["green" "yellow" "red"]'),
    ("red\ngreen\n", '["red" "green"]'),
])
def test_a_bad_label_file_is_named(programs, models, labels, said):
    file = models / "traffic_light" / "labels.txt"
    file.unlink()
    if labels is not None:
        file.write_text(labels)
    line = refuse(programs, f"models_dir:={models}")
    assert "labels" in line
    assert said in line
    assert str(models) in line


@pytest.mark.parametrize(("content", "said"), [
    (None, "Error opening YAML file"),
    ("scheduler:\n  ros__parameters:\n    cpu_cores: [0,\n", "near line"),
    ("scheduler:\n  max_pending: 3\n", ""),
    (b"\x00\xff\xfe\x00" * 100, "near line"),
    ("scheduler:\n  ros__parameters:\n    max_pending: three\n", "max_pending of /scheduler is 'three'"),
    ("scheduler:\n  ros__parameters:\n    max_pendign: 3\n", "max_pendign of /scheduler is not known; it has"),
], ids=["missing", "cut", "without ros__parameters", "binary", "wrong type", "unknown parameter"])
def test_a_bad_parameter_file_is_named(programs, tmp_path, content, said):
    file = tmp_path / "parameters.yaml"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    line = refuse(programs, arguments=("--params-file", file))
    assert said in line
    assert str(file) in line or "parameter " in line


@pytest.mark.parametrize(("parameter", "said"), [
    ("late_policy:=abort", "late policy abort is not available"),
    ("late_policy:=never", "late_policy of /scheduler is 'never', and must be one of skip, run, abort"),
    ("plan:=magic", "plan of /scheduler is 'magic', and must be one of fixed, auto"),
    ("device:=gpu", "device of /scheduler is 'gpu', and must be one of cpu"),
    ("max_pending:=0", "max_pending of /scheduler is 0, and must be from 1 to 4096"),
    ("max_pending:=2.5", "max_pending of /scheduler is '2.5', and must be a whole number"),
    ("deadline_ms:=fast", "deadline_ms of /traffic_light is 'fast', and must be a number"),
    ("deadline_ms:=-1", "deadline_ms of /traffic_light is -1, and must be from 0.1 to 60000"),
    ("deadline_ms:=.nan", "deadline_ms of /traffic_light is NaN"),
    ("score_threshold:=1.5", "score_threshold of /scheduler is 1.5, and must be from 0 to 1"),
    ("image_transport:=theora", "image_transport of /traffic_light is 'theora', and must be one of raw, compressed"),
    ("image_topic:=3", "image_topic of /traffic_light is '3', and must be a text"),
    ("cpu_cores:=0", "cpu_cores of /scheduler is '0', and must be a list of whole numbers"),
    ("cpu_cores:=[-1]", "cpu_cores of /scheduler has -1"),
    ("cpu_cores:=[999]", "999"),
    ("accelerator_cores:=[999]", "core 999 is not among"),
    (f"accelerator_cores:=[{FIRST}, 1000]", "core 1000 is not among"),
    ("variant:=w9000", 'no such network: task traffic_light has no "w9000"; it has w100, '),
    ("traffic_light.variant:=../w100", 'task traffic_light has no "../w100"'),
    ("tasks:=[]", "tasks of /scheduler is empty, and must have some of traffic_light"),
    ("tasks:=[traffic_light, parking]", "tasks of /scheduler has 'parking' at position 1"),
    ("tasks:=traffic_light", "tasks of /scheduler is 'traffic_light', and must be a list of texts"),
    ("priorities:=[sing]", "priorities of /scheduler has sing, and must have each of traffic_light once"),
    ("priorities:=[traffic_light, traffic_light]", "must have each of traffic_light once"),
    ("models_dir:=/nowhere", "/nowhere/manifest.yaml: file cannot be read: no such file"),
    ("onnxruntime_library:=/nowhere.so", "loading /nowhere.so"),
])
def test_a_bad_parameter_is_named(programs, parameter, said):
    assert said in refuse(programs, parameter)


@pytest.mark.parametrize("parameter", ["image_topic:=front camera", "image_topic:=a//b"])
def test_an_impossible_topic_is_named(programs, parameter):
    assert parameter.partition(":=")[2] in refuse(programs, parameter)


@pytest.mark.parametrize("arguments", [("-p", "nothing"), ("-p",), ("-r", "nothing"), ("--params-file",),
                                       ("--log-level", "loud"), ("--", "surplus"), ("--", "--flag")])
def test_bad_arguments_are_named(programs, arguments):
    assert arguments[-1] in refuse(programs, arguments=arguments)


def test_an_unknown_parameter_for_all_nodes_is_a_warning_that_names_it(programs):
    """Launch files share one file among processes, so this is no error."""
    suite = start_suite(programs, "max_pendign:=3")
    assert "max_pendign" in suite.says("parameters that no node of this process has")
    suite.says("ready")


@pytest.mark.parametrize("name", ["suite", "scheduler", "traffic_light", "sign", "lane"])
def test_help_says_how_it_is_called_and_where_its_parameters_are(programs, name):
    status, output = programs.run(name, "--help")
    assert status == 0
    assert output.startswith(f"Usage: {name} ")
    path = re.search(r"explained in (\S+)\.\n", output)[1]
    assert "ros__parameters" in pathlib.Path(path).read_text()
