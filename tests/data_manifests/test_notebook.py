"""Laws of what is shown in a notebook."""

from artasyn.data_manifests.notebook import facts_html


def test_whatever_a_fact_says_is_text_and_no_markup() -> None:
    shown = facts_html("<b>run</b>", {"<i>": "<script>alert(1)</script>"}, pictures=[("'x'", "data:,'>")])
    assert "<script>" not in shown
    assert "<i>" not in shown
    assert "&lt;script&gt;" in shown
    assert "src='data:,&#x27;&gt;'" in shown
