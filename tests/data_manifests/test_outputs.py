"""Laws of outputs: nothing of the user's is overwritten, what is ours may be; formulas stay texts."""

from pathlib import Path

import pytest

from artasyn.data_manifests.errors import OutputError
from artasyn.data_manifests.files import csv_text
from artasyn.data_manifests.outputs import OutputFolder, check_replaceable, report_folder


def test_what_we_wrote_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    OutputFolder(tmp_path).write("a.txt", b"one")
    OutputFolder(tmp_path).write("a.txt", b"two")
    (tmp_path / "a.txt").write_text("edited")
    (tmp_path / "b.txt").write_text("mine")
    (tmp_path / "c.txt").symlink_to(tmp_path / "nowhere")
    for name in ("a.txt", "b.txt", "c.txt"):
        with pytest.raises(OutputError, match=r"was not written by this command.*--force"):
            OutputFolder(tmp_path).write(name, b"three")
    assert (tmp_path / "a.txt").read_text() == "edited"
    OutputFolder(tmp_path, force=True).write("b.txt", b"three")
    assert OutputFolder(tmp_path).is_ours("b.txt")


def test_growing_tables_are_ours_until_they_are_edited(tmp_path: Path) -> None:
    outputs = OutputFolder(tmp_path)
    outputs.begin("t.csv", "a\n")
    outputs.grow("t.csv", "1\n")
    OutputFolder(tmp_path).check("t.csv")  # a command that was killed left it
    outputs.end("t.csv")
    OutputFolder(tmp_path).check("t.csv")
    (tmp_path / "t.csv").write_text("a\n1\nmy note\n")
    with pytest.raises(OutputError):
        OutputFolder(tmp_path).check("t.csv")
    OutputFolder(tmp_path).remove("t.csv")
    assert (tmp_path / "t.csv").exists()


def test_a_report_on_another_question_lies_beside_the_first(tmp_path: Path) -> None:
    for number, asked in ((1, "a"), (2, "b"), (2, "b"), (1, "a"), (3, "c")):
        folder = report_folder(tmp_path / "report", {"asked": asked}, force=False)
        assert folder.name == ("report" if number == 1 else f"report-{number}")
        OutputFolder(folder).write_json("question.json", {"asked": asked})
    assert report_folder(tmp_path / "report", {"asked": "d"}, force=True) == tmp_path / "report"


def test_single_outputs_replace_only_ours(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    check_replaceable(picture, force=False)
    picture.write_bytes(b"PNG by the user")
    with pytest.raises(OutputError, match="exists and was not written"):
        check_replaceable(picture, force=False)
    check_replaceable(picture, force=True)
    picture.write_bytes(b"PNG Software artasyn")
    check_replaceable(picture, force=False)


def test_formulas_are_texts_and_numbers_stay_numbers() -> None:
    assert csv_text([["=1+1", "@x", "-1.5", "+3", -2, "-a", "plain"]]) == "'=1+1,'@x,-1.5,+3,-2,'-a,plain\n"
