"""Laws of expressions in manifests: as Python's own, and no expression takes for ever or fills the memory."""

import contextlib
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from artasyn.data_manifests.corpora.corpus import open_corpus
from artasyn.data_manifests.corpora.manifest import catalog_names, catalogued
from artasyn.data_manifests.corpora.patterns import check_pattern, match_whole, named_groups, search
from artasyn.data_manifests.errors import ConfigError

ENDLESS = r"(a|aa)+b"
CATASTROPHIC = (ENDLESS, r"(?P<a>(a+)+)b", r"(a|a)*b", r"(.*)*b", r"(?:a*)*(?:a*)*b", r"(?:.*,){12}P")


@pytest.mark.parametrize("pattern", CATASTROPHIC)
@pytest.mark.parametrize("find", [match_whole, search])
def test_no_expression_takes_for_ever(pattern: str, find: Callable[[str, str], object]) -> None:
    started = time.process_time()
    with contextlib.suppress(ConfigError):
        assert find(pattern, "a," * 20 + "a" * 500 + "c") is None
    assert time.process_time() - started < 10


def test_an_expression_that_would_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match=r"takes more than 1 s on `aaaa.*without repeats within repeats"):
        match_whole(ENDLESS, "a" * 5000 + "c")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "is no regular expression"),
        ("(?P<a>x)(?P<a>y)", "is no regular expression"),
        ("a" * 2001, "of 2,001 characters, the limit is 2,000"),
        ("((a{999}){999}){999}", "repeats 997,002,999 times"),
        ("(a{,200}){200,}", "repeats 40,000 times"),
    ],
)
def test_an_expression_beyond_the_limits_is_refused(pattern: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        check_pattern(pattern)


def test_every_expression_of_the_catalog_is_within_the_limits_and_read_as_python_reads_it() -> None:
    sources = [source for name in catalog_names() for source in catalogued(name).sources]
    patterns = {source.files for source in sources} | {p for s in sources for p in s.extract.values()}
    texts = (
        "CXR_png/MCUCXR_0001_0.png",
        "train/NORMAL/IM-0115-0001.jpeg",
        "patient1/study1/view1_frontal.jpg",
        "",
    )
    for pattern in patterns - {""}:
        check_pattern(pattern)
        assert named_groups(pattern) == list(re.compile(pattern).groupindex)
        for text in texts:
            for ours, theirs in ((match_whole, re.fullmatch), (search, re.search)):
                match = theirs(pattern, text)
                found = match and {name: value or "" for name, value in match.groupdict().items()}
                assert ours(pattern, text) == found


def test_a_manifest_with_such_an_expression_is_refused_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / f"{'a' * 200}.png").write_bytes(b"x")
    (tmp_path / "m.toml").write_text(
        "name = 'm'\n[[sources]]\nfiles = '(?:a|aa)+b.png'\nlabel = 'normal'\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="takes more than 1 s"):
        open_corpus(str(tmp_path / "m.toml"))
