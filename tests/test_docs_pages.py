"""Laws of the pages: every link leads somewhere, lines are short, pages fit on three screens."""

import re
import statistics
from pathlib import Path

import pytest

from tests.rooms import ROOT

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
WRITTEN = [page for page in PAGES if page.parent.name in {"tutorials", "how-to", "concepts"}]
"""Pages to be read from the first line to the last; results and reference are for looking things up."""
READ = [
    *WRITTEN,
    *(page for page in PAGES if page.parent.name == "measured"),
    *(ROOT / place for place in ("README.md", "docs/index.md", "docs/results.md")),
]
"""All but reference and experiments."""
LONGEST_LINE, THREE_SCREENS = 110, 150
"""Characters, and lines of such a width: a screen shows some fifty."""


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found), target


@pytest.mark.parametrize("page", READ, ids=name)
def test_pages_fit_three_screens(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= THREE_SCREENS


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_lines_are_short(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if len(line) > LONGEST_LINE and not line.startswith("|")]


def sentences(page: Path) -> list[str]:
    """Return the sentences of a page, without blocks, tables and headings."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    prose = " ".join(line for line in text.splitlines() if not line.startswith(("|", "#", "!", "<!--")))
    return [sentence for sentence in re.split(r"(?<=[.?!:])\s+", prose) if len(sentence.split()) > 2]


@pytest.mark.parametrize("page", READ, ids=name)
def test_sentences_are_short(page: Path) -> None:
    assert statistics.median(len(sentence.split()) for sentence in sentences(page)) < 20


def test_the_figures_of_the_readme_stand_in_the_results() -> None:
    readme, results = (
        (ROOT / place).read_text(encoding="utf-8") for place in ("README.md", "docs/results.md")
    )
    figures = re.findall(r"^\| .* \| ([\d.]+(?: %)? \([\d.-]+\)) \|$", readme, flags=re.MULTILINE)
    assert len(figures) == 4
    assert all(figure in results.replace("**", "") for figure in figures)
