"""Every command of the documents is run, in the order of its page; links lead somewhere; what can't be run names what exists."""

import os
import re
import shutil
import signal
import subprocess
import time

import launching
import markdown
import networks
import onnx
import pytest
import yaml
from process import ROOT, free_domain

IDS = [str(p.relative_to(ROOT)) for p in markdown.PAGES]
WITH_COMMANDS = [p for p in markdown.PAGES if any(b.language == "bash" and b.mark != "not run" for b in markdown.blocks(p.read_text()))]
IN_A_COPY = {"add-a-task.md"}  # these change the project


def environment(folder):
    """That of a user's shell in which `ros2` is there: the stand-in of this folder."""
    ros2 = folder / "commands" / "ros2"
    ros2.parent.mkdir()
    ros2.write_text(f'#!/bin/sh\nexec "{ROOT}/internal/setup/python.sh" "{ROOT}/nodes/ros2.py" "$@"\n')
    ros2.chmod(0o755)
    kept = {k: os.environ[k] for k in ("HOME", "GOCACHE", "GOPATH", "GOFLAGS", "GOPROXY", "GONOSUMDB", "GOMODCACHE", "GOTOOLCHAIN") if k in os.environ}
    return kept | {
        "PATH": f"{ros2.parent}:{os.environ['PATH']}", "ROS_DOMAIN_ID": str(free_domain()), "ROS_LOG_DIR": str(folder / "ros"),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST", "PYTHONDONTWRITEBYTECODE": "1",
    }


def copy_of_the_project(folder):
    """The files that belong to the project, and what set-up has made."""
    copy = folder / "rtmdl"
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    for made in (".ros", ".build"):
        if (ROOT / made).exists():
            (copy / made).symlink_to(ROOT / made)
    return copy


class Shell:
    """Runs the blocks of one page in a folder; what goes on is interrupted at the end, the newest first."""

    def __init__(self, folder, env, logs):
        self.folder, self.env, self.logs, self.going = folder, env, logs, []

    def begin(self, block):
        log = self.logs / f"line{block.line}.log"
        with open(log, "wb") as out:
            process = subprocess.Popen(["bash", "-euo", "pipefail", "-c", block.text], cwd=self.folder, env=self.env, stdout=out, stderr=out,
                                       start_new_session=True)
        self.going.append(process)
        end = time.monotonic() + 60
        while block.said and block.said not in log.read_text(errors="replace"):
            assert process.poll() is None, f"line {block.line} ended:\n{log.read_text(errors='replace')}"
            assert time.monotonic() < end, f"line {block.line} does not say '{block.said}':\n{log.read_text(errors='replace')}"
            time.sleep(0.05)

    def run(self, block):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", block.text], cwd=self.folder, env=self.env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=300)
        assert done.returncode == 0, f"line {block.line}:\n{block.text}\n{done.stdout}"
        assert "Traceback" not in done.stdout, done.stdout

    def write(self, block):
        file = self.folder / block.said
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)

    def patch(self, block):
        subprocess.run(["patch", "-p1", "--forward"], cwd=self.folder, input=block.text, text=True, check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.going):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
        for process in self.going:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_commands_of_a_page_do_what_they_say(page, tmp_path):
    folder = ROOT
    if page.name in IN_A_COPY:
        folder = copy_of_the_project(tmp_path)
        cones = onnx.load(ROOT / "models" / "traffic_light" / "w100.onnx")  # with its weights
        networks.set_metadata(cones, labels="blue,yellow,orange")
        onnx.save(cones, folder / "cones.onnx")
    with Shell(folder, environment(tmp_path), tmp_path) as shell:
        for block in markdown.blocks(page.read_text()):
            if block.mark == "not run":
                continue
            if block.mark == "file":
                shell.write(block)
            elif block.language == "diff":
                shell.patch(block)
            elif block.mark == "goes on":
                shell.begin(block)
            elif block.language == "bash":
                shell.run(block)


def test_a_fourth_task_takes_less_than_a_hundred_lines():
    new = 0
    for block in markdown.blocks((ROOT / "docs" / "add-a-task.md").read_text()):
        if block.language == "diff":
            new += sum(line.startswith("+") and not line.startswith("+++") for line in block.text.splitlines())
        elif block.mark == "file" or "<<END" in block.text:
            new += len(block.text.splitlines())
    assert 10 < new < 100


@pytest.mark.parametrize("page", markdown.PAGES, ids=IDS)
def test_every_block_is_run_or_says_why_not(page):
    for block in markdown.blocks(page.read_text()):
        where = f"{page.name}, line {block.line}"
        assert block.language in ("bash", "diff", "go", "yaml"), f"{where}: a fence needs its language"
        assert block.mark != "not run" or block.said, f"{where}: why is it not run?"
        assert block.language == "bash" or block.language == "diff" or block.mark == "file", where
        if block.language == "diff":
            assert page.name in IN_A_COPY


@pytest.mark.parametrize("page", markdown.PAGES, ids=IDS)
def test_what_is_not_run_names_what_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    _, arguments = launching.load()
    for block in markdown.blocks(page.read_text()):
        for line in markdown.lines(block.text) if block.language == "bash" else ():
            words = line.split()
            if words[0] == "make":
                assert {w for w in words[1:] if re.fullmatch("[a-z-]+", w)} <= targets, line
            if words[:2] == ["ros2", "launch"]:
                assert {w.split(":=")[0] for w in words if ":=" in w} <= arguments, line
            if words[0] == "bin/rtmdl" and len(words) > 1 and not words[1].startswith("-"):
                known = subprocess.run([ROOT / "bin" / "rtmdl", words[1], "--help"], capture_output=True, text=True, check=True).stdout
                own = words[: words.index("--ros-args")] if "--ros-args" in words else words
                for flag in (w.split("=")[0] for w in own if w.startswith("-")):
                    assert re.search(rf"(^|[\s,]){re.escape(flag)}\b", known), f"{line}: {flag}"
            for path in re.findall(r"(?<![\w/.-])(?:internal|models|config|launch|nodes|docs)/[\w./-]+", line):
                if page.name not in IN_A_COPY and "models/" not in path:
                    assert (ROOT / path).exists(), f"{line}: {path}"


@pytest.mark.parametrize("page", markdown.PAGES, ids=IDS)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", markdown.prose(page.read_text())):
        if not re.match(r"(https?|mailto):", target):
            path, _, anchor = target.partition("#")
            file = (page.parent / path) if path else page
            assert file.exists(), f"{page.name}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
                assert anchor in [re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings], f"{page.name}: {target}"


def test_the_citation_is_whole():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert cited["cff-version"] == "1.2.0"
    assert cited["title"]
    assert cited["message"]
    assert cited["authors"]
    assert cited["license"] == "Apache-2.0"
    version = re.search(r"<version>(.+)</version>", (ROOT / "package.xml").read_text())[1]
    assert cited["version"] == version
    assert version in (ROOT / "CHANGELOG.md").read_text()
