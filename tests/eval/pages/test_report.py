"""Laws of the report: self-contained, escaped, and alive in a real browser."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from artasyn.eval.pages.examples import choose
from artasyn.eval.pages.report_page import write_report
from artasyn.eval.pages.svg_chart import round_ticks
from artasyn.eval.pages.terminal import headline
from artasyn.eval.pages.words import FIGURES
from artasyn.eval.pictures import overlay, prediction_outline, truth_outline
from artasyn.eval.score import ScoreConfig, Scored, score
from artasyn.train.runs.heat import heat


@pytest.fixture(scope="module")
def scored(toy_run: Path, evaluation_store: str, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    config = ScoreConfig(resamples=100, protocol="official-compat")
    return score(toy_run, evaluation_store, out=tmp_path_factory.mktemp("report"), config=config)


@pytest.fixture(scope="module")
def page(scored: Scored) -> Path:
    return write_report(scored)


def test_the_page_needs_nothing_else_and_says_what_it_is(page: Path) -> None:
    text = page.read_text()
    assert not re.search(r"https?://|<link|@import|src=\"(?!data:)", text)
    assert text.count("Not a medical device, not for diagnosis") == 2
    assert "published evaluator" in text
    for title in ("ROC", "Calibration", "Threshold", "Dice and lesion size", "By view", "By lesion size"):
        assert title in text


def test_page_terminal_and_report_say_what_is_pretrained(scored: Scored, page: Path) -> None:
    said = "retrained on ImageNet: image score, level of the map"
    assert scored.report["run"]["pretrained"].endswith(said)
    assert said in "\n".join(headline(scored.report))
    assert said in page.read_text()


def test_the_figures_of_the_page_and_no_others_are_explained(
    page: Path, toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    config = ScoreConfig(resamples=100)
    bare = score(toy_run, new_evaluation_store(tmp_path / "s", masks=0), out=tmp_path / "r", config=config)
    told = []
    for text in (page.read_text(), write_report(bare).read_text()):
        body, _, end = text.partition("<h2>What the figures mean</h2>")
        told.append(set(re.findall(r"<dt>([^<]+)</dt><dd>", end.partition("<h2>")[0])))
        named = {name for name in FIGURES.values() if f">{name}</th>" in body}
        rates = {"Sensitivity", "Specificity", "PPV", "NPV"}
        assert named | rates == told[-1]
    assert told[0] - told[1] >= {"Dice, mean", "Pixel AUROC", "AUPRO to 30\u00a0%", "AUPIMO", "Oracle Dice*"}
    assert told[1] >= {"AUROC", "Share of the lungs", "Images with any mark"}


def test_names_of_images_cannot_inject_markup(page: Path) -> None:
    text = page.read_text()
    assert re.search(r"&lt;\d+&gt;\.png", text)
    assert not re.search(r"<\d+>", text)


def test_pictures_inside_the_page_are_pictures(page: Path) -> None:
    found = re.findall(r'class="base" src="data:image/png;base64,([^"]+)"', page.read_text())
    assert len(found) == 4 * 8  # eight groups
    for data in found:
        assert Image.open(io.BytesIO(base64.b64decode(data))).size == (32, 32)


def test_examples_hold_the_extremes(scored: Scored) -> None:
    table, chosen = scored.table, choose(scored.table)
    dice = np.where(table.cases.annotated, table.dice("run"), np.nan)
    assert dice[chosen["Best Dice"][0]] == np.nanmax(dice)
    assert dice[chosen["Worst Dice"][0]] == np.nanmin(dice)
    alarms = chosen["Normal images, most marked"]
    assert not table.cases.abnormal[alarms].any()
    shares = table.marked_share_inside("run")
    assert shares[alarms[0]] == shares[~table.cases.abnormal].max()


def test_one_colour_scale_for_all_images() -> None:
    faint, strong = np.full((4, 4), 0.1), np.full((4, 4), 0.8)
    assert (heat(faint, top=0.8) != heat(strong, top=0.8)).any()
    np.testing.assert_array_equal(heat(strong, top=0.8), heat(np.ones((4, 4)), top=0.8))
    assert (
        np.diff(heat(np.linspace(0, 1, 50)[None], top=1.0).sum(-1).astype(int)) >= 0
    ).all()  # lighter is more


def test_outlines_lie_inside_their_masks_and_overlays_leave_cold_pixels_alone() -> None:
    mask = np.zeros((40, 30), bool)
    mask[5:30, 4:20] = True
    for draw in (truth_outline, prediction_outline):
        drawn = draw(mask).rgba[..., 3] > 0
        assert not (drawn & ~mask).any()
        assert drawn[5, 4:20].all()
        assert not drawn[15, 12]
    image = np.arange(1200, dtype=np.uint8).reshape(40, 30)
    untouched = overlay(image, np.zeros((40, 30)), np.zeros((40, 30), bool), top=1.0)
    np.testing.assert_array_equal(untouched, np.repeat(image[..., None], 3, axis=2))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 0.799), (0.683, 0.733), (-3, 12)])
def test_ticks_are_round_and_few(low: float, high: float) -> None:
    ticks = round_ticks(low, high)
    assert 3 <= len(ticks) <= 8
    assert low - 1e-9 <= ticks[0] <= ticks[-1] <= high + 1e-9
    assert all(len(f"{t:.3g}") <= 5 for t in ticks)


@pytest.fixture
def opened(browser: Any, page: Path) -> Any:
    browser.get(page.as_uri())
    return browser


def visible(browser: Any, layer: str) -> bool:
    script = f"return getComputedStyle(document.querySelector('.radiograph img.{layer}')).visibility"
    return bool(browser.execute_script(script) == "visible")


def test_browser_reports_no_error_and_every_picture_loads(opened: Any) -> None:
    assert opened.get_log("browser") == []
    assert opened.execute_script("return [...document.images].every(i => i.complete && i.naturalWidth > 0)")


@pytest.mark.parametrize("layer", ["prediction", "truth"])
def test_toggles_hide_and_show_their_layer(opened: Any, layer: str) -> None:
    box = opened.find_element("id", f"show-{layer}")
    assert visible(opened, layer)
    box.click()
    assert not visible(opened, layer)
    assert opened.find_element("css selector", f".edge.{layer}").is_displayed()  # the legend stays
    box.click()
    assert visible(opened, layer)


def test_slider_warms_every_heat_map(opened: Any) -> None:
    opened.execute_script(
        "const s = document.getElementById('heat'); s.value = 70; s.dispatchEvent(new Event('input'))"
    )
    script = (
        "return [...document.querySelectorAll('.radiograph .heat')].map(i => getComputedStyle(i).opacity)"
    )
    assert set(opened.execute_script(script)) == {"0.7"}


def test_holding_a_picture_shows_it_bare(opened: Any) -> None:
    from selenium.webdriver import ActionChains

    radiograph = opened.find_element("css selector", ".radiograph .stack")
    ActionChains(opened).move_to_element(radiograph).click_and_hold().perform()
    assert not visible(opened, "prediction")
    ActionChains(opened).release().perform()
    assert visible(opened, "prediction")


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_no_sideways_scrolling_at_any_width(opened: Any, width: int) -> None:
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width
    small = "return [...document.querySelectorAll('.layers label')].every(l => l.getBoundingClientRect().height >= 32)"
    assert opened.execute_script(small)  # fingers can hit them


def test_print_leaves_out_the_controls(opened: Any) -> None:
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not opened.find_element("css selector", ".layers").is_displayed()
    assert visible(opened, "truth")
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
