"""Every catalogued corpus, on a miniature tree with its real layout, column names and file names."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from artasyn.data_manifests.corpora.check import check_corpus
from artasyn.data_manifests.corpora.corpus import open_corpus
from artasyn.data_manifests.corpora.manifest import catalog_names, catalogued
from artasyn.synth.commands.corpora import corpora
from tests.data_manifests.corpora.miniature_files import put
from tests.data_manifests.corpora.miniatures import BUILDERS, built, chexpert, montgomery


def test_every_catalogued_corpus_has_a_miniature() -> None:
    assert tuple(sorted(BUILDERS)) == catalog_names()


@pytest.mark.parametrize("name", BUILDERS)
def test_a_miniature_of_the_real_layout_is_read_whole(tmp_path: Path, name: str) -> None:
    corpus = built(name, tmp_path)
    assert not corpus.skipped
    assert not corpus.absent
    found = check_corpus(corpus)
    wanted = BUILDERS[name][1]
    assert {key: found.counts.get(key, 0) for key in wanted} == wanted
    assert {odd.kind for odd in found.odd} <= {"count"}
    assert found.decoded == len(corpus.radiographs)
    for entry in corpus.radiographs:
        assert corpus.read_image(entry).ndim == 2


@pytest.mark.parametrize("name", BUILDERS)
def test_ids_do_not_depend_on_the_folder_that_is_named_as_root(tmp_path: Path, name: str) -> None:
    deep = tmp_path / "data" / "sets"
    deep.mkdir(parents=True)
    near, far = built(name, deep), open_corpus(name, tmp_path)
    assert [r.image_id for r in near.radiographs] == [r.image_id for r in far.radiographs]
    assert [r.patient for r in near.radiographs] == [r.patient for r in far.radiographs]


@pytest.mark.parametrize("name", BUILDERS)
def test_what_is_missing_is_listed_and_not_fatal(tmp_path: Path, name: str) -> None:
    whole = built(name, tmp_path)
    gone = whole.radiographs[0]
    gone.path.unlink()
    rest = open_corpus(name, tmp_path) if len(whole.radiographs) > 1 else None
    if rest is not None:
        assert gone.image_id not in {entry.image_id for entry in rest.radiographs}
        assert len(rest.radiographs) == len(whole.radiographs) - 1
        declared_by_table = bool(catalogued(name).sources[0].table)
        assert [entry.image_id for entry in rest.skipped] == [gone.image_id] * declared_by_table


@pytest.mark.parametrize("name", BUILDERS)
def test_no_patient_is_in_two_splits_and_none_is_named(tmp_path: Path, name: str) -> None:
    corpus = built(name, tmp_path)
    splits: dict[str, set[str]] = {}
    for entry in corpus.radiographs:
        assert re.fullmatch(r"[0-9a-f]{16}|", entry.patient)
        splits.setdefault(entry.patient or entry.image_id, set()).add(entry.split)
    assert all(len(found) == 1 for found in splits.values())


@pytest.mark.parametrize("name", BUILDERS)
def test_every_manifest_says_whose_it_is_and_what_healthy_means(name: str) -> None:
    manifest = catalogued(name)
    assert manifest.name == name
    assert manifest.homepage.startswith("http")
    for fact in ("title", "licence", "citation", "healthy", "masks", "notes"):
        assert getattr(manifest, fact)


def test_masks_of_siim_and_chexlocalize_are_decoded(tmp_path: Path) -> None:
    corpus = built("siim-acr", tmp_path / "siim")
    empty, marked = (corpus.read_mask(entry) for entry in corpus.radiographs)
    assert empty is not None
    assert not empty.any()
    assert marked is not None
    assert marked.sum() == 2 + 3 + 4
    corpus = built("chexpert", tmp_path / "chexpert")
    (mask,) = [corpus.read_mask(entry) for entry in corpus.radiographs if entry.runs]
    assert mask is not None
    assert mask.T.ravel().nonzero()[0].tolist() == list(range(1, 21))


def test_both_lungs_of_montgomery_are_united_and_half_a_pair_is_refused(tmp_path: Path) -> None:
    corpus = built("montgomery", tmp_path)
    lungs = corpus.read_lungs(corpus.radiographs[0])
    assert lungs is not None
    assert lungs.sum() == 64
    left = corpus.radiographs[0].lung_mask
    assert left is not None
    left.unlink()
    (skipped,) = open_corpus("montgomery", tmp_path).skipped
    assert skipped.reason == "missing_mask"


def test_a_part_that_is_not_there_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    chexpert(tmp_path)
    (tmp_path / "CheXpert-v1.0" / "valid.csv").unlink()
    corpus = open_corpus("chexpert", tmp_path)
    assert len(corpus.absent) == 1
    assert "valid.csv" in corpus.absent[0]
    assert {entry.split for entry in corpus.radiographs} == {"train", "test"}


def test_two_copies_below_one_root_are_refused(tmp_path: Path) -> None:
    chexpert(tmp_path / "a")
    chexpert(tmp_path / "b")
    result = CliRunner().invoke(corpora, ["check", "chexpert", "--root", str(tmp_path)])
    assert result.exit_code != 0
    assert "one copy" in str(result.exception)


def test_the_command_lists_describes_and_checks(tmp_path: Path) -> None:
    runner = CliRunner()
    listed = runner.invoke(corpora, []).output
    assert all(name in listed for name in catalog_names())
    assert "Stanford" in runner.invoke(corpora, ["chexpert"]).output
    unknown = runner.invoke(corpora, ["nosuch"])
    assert unknown.exit_code == 1
    assert "is no corpus of the catalog" in unknown.output
    montgomery(tmp_path)
    partial = runner.invoke(corpora, ["check", "montgomery", "--root", str(tmp_path)])
    assert partial.exit_code == 1
    assert re.search(r"images +2 +\(a full copy: 138\)", partial.output)
    put(tmp_path / "plain" / "normal", "a.png")
    whole = runner.invoke(corpora, ["check", str(tmp_path / "plain")])
    assert whole.exit_code == 0
    assert "Nothing is missing or odd." in whole.output


def test_the_check_names_broken_images_and_odd_shapes(tmp_path: Path) -> None:
    put(tmp_path / "normal", "a.png")
    (tmp_path / "normal" / "b.png").write_bytes(b"broken")
    Image.linear_gradient("L").resize((200, 20)).save(tmp_path / "normal" / "strip.png")
    odd = check_corpus(open_corpus(str(tmp_path))).odd
    assert {(entry.subject, entry.kind) for entry in odd} == {
        ("normal/b.png", "not_an_image"),
        ("normal/strip.png", "odd_shape"),
    }


def test_the_docs_name_every_corpus_with_its_licence() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "corpora.md").read_text()
    for name in catalog_names():
        (line,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` ")]
        manifest = catalogued(name)
        for fact in (manifest.homepage, manifest.licence, manifest.healthy, manifest.masks):
            assert fact in line
        for what, number in manifest.expected.items():
            assert f"{number:,} {what}" in line
