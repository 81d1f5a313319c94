"""Reads the project's documents: their fenced blocks, with what a comment above each says to the tests.

Readers do not see these comments, in the line above a fence:
    <!-- not run: REASON -->    what the block names must exist, and no more
    <!-- goes on: TEXT -->      its program prints TEXT, and is interrupted at the end of the page; without TEXT nothing is awaited
    <!-- file: PATH -->         the block is that file
"""

import dataclasses
import re

from process import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "models" / "train" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MARK = re.compile(r"<!-- (not run|goes on|file)(?:: (.+))? -->")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass
class Block:
    """A fenced block of a page."""

    line: int
    language: str
    text: str
    mark: str = ""  # not run, goes on, file; empty: none
    said: str = ""  # by the mark: the reason, the text, the path


def blocks(text):
    """All fenced blocks of a page."""
    for found in FENCE.finditer(text):
        before = text[: found.start()]
        mark = MARK.fullmatch(before.rstrip("\n").rsplit("\n", 1)[-1].strip())
        said = [part or "" for part in mark.groups()] if mark else []
        yield Block(before.count("\n") + 1, found[1], found[2], *said)


def prose(text):
    """A page without its fenced blocks."""
    return FENCE.sub("", text)


def lines(text):
    """The lines of a script, those that are continued as one, without here-documents and comments."""
    text = re.sub(r"<<(\w+)\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL).replace("\\\n", " ")
    return [line for raw in text.splitlines() if (line := re.sub(r"(^|\s)#.*", "", raw).strip())]
