"""The fenced blocks of a page, and how each is run: commands in this process, snippets in one namespace a page."""

import importlib
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from artasyn.data_manifests.config import config_from_dict
from artasyn.synth.config import SynthConfig
from artasyn.train.config import TrainConfig

__all__ = ["Block", "Session", "blocks_of"]

BLOCK = re.compile(
    r"(?:<!-- not run: (.*?) -->\n)?^```(\w*)(?: title=\"(.*?)\")?\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
PROGRAMS = {f"artasyn-{name}": f"artasyn.{name}.cli" for name in ("synth", "train", "eval")}
SMALL: dict[str, dict[str, Any]] = {
    "artasyn-synth": {
        "build": {"size": 64, "workers": 0},
        "ingest": {"size": 64, "workers": 0},
        "atlas": {"size": 64},
    },
    "artasyn-train": {"fit": {"threads": 1}, "adapt": {"threads": 1, "steps": 2}},
    "artasyn-eval": {"score": {"resamples": 100}, "compare": {"resamples": 100}},
}
"""Defaults of the commands while pages are tested: the same work in seconds."""
SHORTER = (
    (re.compile(r"--(minutes|steps) [\d.]+"), "--steps 4"),
    (re.compile(r"phantom:\d+"), "phantom:24"),
    (re.compile(r"\b(minutes|steps)=\d+"), "steps=4"),
)
NUMBER = re.compile(r"\b[0-9a-f]{12}\b|\d[\d.,]*|\s+")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    language: str
    title: str
    """Name of the file that it is; empty where it is run."""
    excuse: str
    """Why it is not run; empty where it is."""
    code: str


def blocks_of(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [Block(language, title, excuse, code) for excuse, language, title, code in found]


@dataclass
class Session:
    """A reader who types a page's blocks one after the other; the current folder is the desk."""

    names: dict[str, Any] = field(default_factory=dict)
    printed: str = ""
    """What the last block printed."""

    def run(self, block: Block) -> None:
        """Run one block, or check what can be checked of one that is not run."""
        if block.excuse:
            for words in _commands(block.code):
                _parse(words)
        elif block.title:
            _write(block)
        elif block.language == "sh":
            self.printed = "".join(_run(words) for words in _commands(block.code, shorter=True))
        elif block.language == "python":
            exec(compile(_shorter(block.code), "page", "exec"), self.names)
        else:
            assert block.language == "text", (
                f"a block of {block.language!r} has neither a title nor an excuse"
            )
            self._compare(block.code)

    def _compare(self, expected: str) -> None:
        """Check that every line was printed, whatever its numbers."""
        lines = {_masked(line) for line in self.printed.splitlines()}
        assert [
            line for line in expected.splitlines() if line != "..." and _masked(line) not in lines
        ] == [], self.printed


def _masked(line: str) -> str:
    return NUMBER.sub(" ", f" {line} ").strip()


def _shorter(code: str) -> str:
    for pattern, replacement in SHORTER:
        code = pattern.sub(replacement, code)
    return code


def _commands(code: str, *, shorter: bool = False) -> Iterator[list[str]]:
    """Yield the words of each command, continued lines joined, wildcards filled in."""
    for line in (_shorter(code) if shorter else code).replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words and shorter:
            yield [
                name
                for word in words
                for name in (sorted(map(str, Path().glob(word))) if "*" in word else [word])
            ]
        elif words:
            yield words


def _run(words: list[str]) -> str:
    if words[0] not in PROGRAMS:
        assert words[0] in {"cat", "cp", "head", "ls", "mkdir", "python"}, words
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout
    main = importlib.import_module(PROGRAMS[words[0]]).main
    result = CliRunner().invoke(main, words[1:], prog_name=words[0], default_map=SMALL[words[0]])
    assert result.exit_code == 0, f"{shlex.join(words)}\n{result.output}\n{result.exception!r}"
    return result.output


def _parse(words: list[str]) -> None:
    """Check that a command that is not run has these options."""
    if words[0] in PROGRAMS:
        main = importlib.import_module(PROGRAMS[words[0]]).main
        try:
            main.commands[words[1]].make_context(words[1], words[2:])
        except click.BadParameter as error:  # options are right, the reader's files are not here
            if "does not exist" not in str(error):
                raise


def _write(block: Block) -> None:
    """Write the file that a block shows; a recipe must be one."""
    if block.language == "toml" and ("[[sources]]" not in block.code):
        said = tomllib.loads(block.code)
        kind = SynthConfig if {"opacities", "lungs", "size"} & set(said) else TrainConfig
        config_from_dict(kind, said)
    Path(block.title).write_text(_shorter(block.code), encoding="utf-8")
