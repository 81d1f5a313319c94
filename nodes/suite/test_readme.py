"""The README's tables say what the parameter file and the launch file say."""

import re

import yaml
from process import ROOT

README = (ROOT / "README.md").read_text()


def table(heading):
    """The rows of the table below a heading, each a list of cells without their backticks."""
    text = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [[c.strip().strip("`") for c in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


def parameters():
    """(node, name, default as YAML, None where it depends on the machine) of config/suite.yaml."""
    for section in (ROOT / "config" / "suite.yaml").read_text().split("\n/**/")[1:]:
        node, body = section.split(":\n", 1)
        for comment, name, value in re.findall(r"^ {4}(# )?([a-z_.]+): (\[.*\]|\S+)$", body, re.MULTILINE):
            yield node, name, None if comment else yaml.safe_load(value)


def test_the_table_of_parameters_is_that_of_the_parameter_file():
    listed = [(node, name, default) for node, name, default, _ in table("Parameters")]
    assert [(node, name) for node, name, _ in listed] == [(node, name) for node, name, _ in parameters()]
    for (node, name, default), (_, _, value) in zip(listed, parameters(), strict=True):
        if value is not None:
            assert yaml.safe_load(default) == value, f"{node}.{name}"
