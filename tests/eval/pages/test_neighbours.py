"""Laws of the links between a report and what lies beside it."""

from pathlib import Path

from artasyn.eval.pages.neighbours import neighbours


def test_a_report_links_to_the_curves_and_the_other_reports_of_its_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    for name in ("one", "two"):
        (run / "scores" / name).mkdir(parents=True)
        (run / "scores" / name / "report.html").touch()
    (run / "curves.png").touch()
    links = dict(neighbours(run / "scores" / "one", run))
    assert links == {"curves of the run": "../../curves.png", "two": "../two/report.html"}
    assert all((run / "scores" / "one" / link).is_file() for link in links.values())


def test_what_is_far_away_is_not_linked(tmp_path: Path) -> None:
    run, report = tmp_path / "run", tmp_path / "a" / "b" / "c" / "d"
    report.mkdir(parents=True)
    run.mkdir()
    (run / "curves.png").touch()
    assert neighbours(report, run) == []
