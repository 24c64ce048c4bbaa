"""Laws of label rules and templates: findings, words and classes as published."""

from artasyn.data_manifests.corpora.label_rules import ByClass, ByFindings, ByWords, agree
from artasyn.data_manifests.corpora.templates import fields_of, fill


def test_findings_follow_the_published_preprocessing() -> None:
    rule = ByFindings(columns=("a", "b"))
    cases = {
        ("", ""): "normal",
        ("0.0", ""): "normal",
        ("-1.0", "0.0"): "unlabelled",
        ("-1", "1"): "abnormal",
    }
    assert {case: rule({"a": case[0], "b": case[1]}) for case in cases} == cases


def test_words_and_classes() -> None:
    words = ByWords(column="w", separator=",", normal=("normal",), neutral=("tube",), doubtful=("exclude",))
    cases = {
        "['normal']": "normal",
        "['Normal', 'tube']": "normal",
        "['normal', 'mass']": "abnormal",
        "['normal', 'exclude']": "unlabelled",
        "[]": "unlabelled",
    }
    assert {case: words({"w": case}) for case in cases} == cases
    classes = ByClass(column="c", normal=("ok",), abnormal=("ill",))
    assert [classes({"c": case}) for case in ("OK", "ill", "odd", "")] == [
        "normal",
        "abnormal",
        "unlabelled",
        "unlabelled",
    ]
    assert agree(["normal", "abnormal"]) == "unlabelled"
    assert agree(["normal", "normal"]) == "normal"


def test_templates_take_leading_characters_and_know_their_columns() -> None:
    assert fill("p{id:.2}/{id}_{Path/View}.jpg", {"id": "1234", "Path/View": "AP"}) == "p12/1234_AP.jpg"
    assert fields_of("p{id:.2}/{a b}") == {"id", "a b"}
    assert fill("100%", {}) == "100%"
