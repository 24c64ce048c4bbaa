"""Laws of a plan: it tells what it will do and leave aside, and refuses before anything is written."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from artasyn.data_manifests.store.contract import Kind
from artasyn.synth.build.plan import make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.cli import main
from artasyn.synth.config import load_config
from tests.synth.build.builds import SIZE, write_radiographs


def test_the_plan_tells_what_is_left_aside_and_the_limit_counts_radiographs(tmp_path: Path) -> None:
    write_radiographs(tmp_path / "radiographs" / "normal")
    write_radiographs(tmp_path / "radiographs" / "covid")
    lines = "image,label,split\n" + "".join(
        f"{name},{label},{split}\n"
        for name, label, split in (
            ("a_missing.png", "normal", "Train"),
            ("covid/phantom_000000.png", "covid", "Train"),
            ("normal/phantom_000000.png", "normal", "Train"),
            ("normal/phantom_000001.png", "normal", "Test"),
            ("normal/phantom_000002.png", "normal", "Train"),
        )
    )
    (tmp_path / "radiographs" / "index.csv").write_text(lines)
    index, store = str(tmp_path / "radiographs" / "index.csv"), str(tmp_path / "store")
    said = CliRunner().invoke(main, ["build", index, store, "--dry-run", "--size", str(SIZE)]).output
    assert "2 radiographs, and 1 entries that cannot be used" in said
    assert "unusable  1 missing, such as a_missing.png: there is no file" in said
    assert "1 abnormal, 1 of split test" in said
    plan = make_plan(
        Selection(corpus=index, limit=1),
        kind="synthetic",
        config=replace(load_config("default"), size=SIZE),
        seed=0,
    )
    assert [entry.image_id for entry in plan.entries] == ["a_missing.png", "normal/phantom_000000.png"]
    told = "1 abnormal, 1 beyond the limit, 1 of split test"
    command = ["build", index, store, "--limit", "1", "--size", str(SIZE), "--workers", "0"]
    said = CliRunner().invoke(main, command).output
    assert said.count("aside  ") == said.count("counts  ") == 1  # with the plan, and not once more at the end
    assert f"aside  {told}" in said
    assert f"aside  {told}: never chosen" in CliRunner().invoke(main, ["info", store]).output


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["build", "phantom:4", str(tmp_path / "store"), "--dry-run"])
    assert result.exit_code == 0
    assert "4 radiographs" in result.output
    assert re.search(
        r"cost  about [\d.]+ MB and 0:00:\d\d .* estimated from 4 of the radiographs", result.output
    )
    assert not (tmp_path / "store").exists()


def test_a_mistake_in_the_settings_stops_the_build(tmp_path: Path) -> None:
    for text, message in (
        ("[opacities.kinds]\nefusion = 0.1", "no kind of opacity is called 'efusion'"),
        ('[opacities.brush]\nfile = "tip.png"', "cannot be read as a brush tip"),
    ):
        (tmp_path / "mine.toml").write_text(text)
        command = ["build", "phantom:2", str(tmp_path / "store"), "--preset", str(tmp_path / "mine.toml")]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 1
        assert message in result.output
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(("typed", "meant"), [("efusion", "effusion"), ("nsa_normall", "nsa_normal")])
def test_a_kind_that_is_misspelt_is_refused_before_anything_is_drawn(tmp_path: Path, typed, meant) -> None:
    (tmp_path / "mine.toml").write_text(f"[opacities.kinds]\n{typed} = 0.1\npatchy = 0.9\n")
    sheet = tmp_path / "sheet.png"
    result = CliRunner().invoke(main, ["atlas", str(sheet), "--preset", str(tmp_path / "mine.toml")])
    assert result.exit_code == 1
    assert f"no kind of opacity is called '{typed}' (did you mean `{meant}`?)" in result.output
    assert not sheet.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "phantom:x", "store"], "not phantom:N"),
        (["build", "nowhere/at/all", "store"], "nowhere/at/all"),
        (["build", "phantom:2", "store", "--preset", "odd"], "neither a preset nor a TOML file"),
        (["build", "phantom:2", "store", "--split", "odd"], "no split `odd`"),
        (["build", "phantom:2", "store", "--size", "7"], "size"),
        (
            ["build", "phantom:2", "store", "--workers", "1", "--scheduler", "tcp://127.0.0.1:9"],
            "no Dask scheduler",
        ),
        (["build", "phantom:2", "store", "--workers", "1", "--scheduler", "nonsense"], "no Dask scheduler"),
        (["build", "phantom:2", "store@v1"], "give the STORE alone"),
        (["build", ".", "store", "--root", "."], "has no meaning"),
        (["versions", "nowhere"], "is no folder"),
        (["corpora", "check", "phantom:4"], "drawn on the spot"),
        (["info", "nowhere"], "holds no version (there is no such folder; check the path)"),
        (["build", "nowhere", "store"], "is no folder or table here, and no corpus of the catalog"),
        (["build", "chexpret", "store"], "did you mean `chexpert`?"),
    ],
)
def test_refusals_name_the_thing(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("artasyn.synth.build.dask_executor.CONNECT_SECONDS", 1)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert message in result.output
    assert not list(tmp_path.iterdir())


def test_a_limited_evaluation_takes_images_of_all_the_corpus_and_a_build_the_first(tmp_path: Path) -> None:
    names = [f"{label}/phantom_{k:06d}.png" for label in ("covid", "normal") for k in range(3)]
    for label in ("covid", "normal"):
        write_radiographs(tmp_path / "radiographs" / label)
    rows = [f"{name},{name.partition('/')[0]}" for name in names] + [
        "a_missing.png,covid",
        "z_missing.png,covid",
    ]
    index = tmp_path / "radiographs" / "index.csv"
    taken = {}
    for order in (rows, rows[::-1]):
        index.write_text("\n".join(["image,label", *order]) + "\n")
        for kind in ("evaluation", "synthetic"):
            chosen = [plan_of(index, kind, limit) for limit in (1, 2, 3, None)]
            assert taken.setdefault(kind, chosen) == chosen, "whatever the order of the rows"
    some, first = taken["evaluation"], taken["synthetic"]
    assert some[0] == ["a_missing.png", names[0]]
    assert some[1] == ["a_missing.png", names[0], names[5], "z_missing.png"]
    assert some[2] == ["a_missing.png", names[0], names[2], names[5], "z_missing.png"]
    assert some[3] == ["a_missing.png", *names, "z_missing.png"]
    assert first[:3] == [["a_missing.png", *names[3 : 4 + k]] for k in range(3)]


def plan_of(index: Path, kind: Kind, limit: int | None) -> list[str]:
    """Return the ids that a version takes."""
    config = replace(load_config("default"), size=SIZE)
    plan = make_plan(Selection(corpus=str(index), limit=limit), kind=kind, config=config, seed=0)
    return [entry.image_id for entry in plan.entries]
