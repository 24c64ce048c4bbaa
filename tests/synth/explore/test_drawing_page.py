"""The page of draws in a real browser: it works by mouse and keyboard, and tells what cannot be drawn."""

import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from artasyn.data_manifests.config import config_from_dict
from artasyn.synth.config import SynthConfig, load_config
from artasyn.synth.opacities.rivals.registry import RIVALS
from tests.synth.explore.pages import PATIENCE, settle, wait


def altered(browser: Any) -> str:
    return str(browser.execute_script("return document.querySelector('.after img').src"))


def changes(browser: Any, act: Callable[[], None]) -> None:
    """Do something and wait until the picture is another one."""
    before = altered(browser)
    act()
    wait(browser, f"document.querySelector('.after img').src !== {before!r}")


def test_the_page_shows_everything_at_once_without_an_error(page: Any) -> None:
    settle(page)
    assert page.get_log("browser") == []
    words = page.execute_script(
        "return [...document.querySelectorAll('#panels figcaption')].map(e => e.textContent)"
    )
    assert words == ["image", "with opacity", "opacity", "mask", "outline"]
    assert page.execute_script("return [...document.images].every(i => i.naturalWidth === 64)")
    assert page.current_url.endswith("/")  # the token does not stay in the address


def test_kind_seed_and_severity_change_the_picture(page: Any) -> None:
    from selenium.webdriver.support.ui import Select

    changes(page, lambda: Select(page.find_element("id", "kind")).select_by_value("nodular"))
    changes(page, lambda: page.find_element("id", "next-seed").click())
    slider = page.find_element("css selector", "#controls input[type=range]")
    changes(page, lambda: slider.send_keys(*["\ue012"] * 20))  # arrow left: fainter
    wait(page, "/severity = .\\s*0\\.5,/.test(document.getElementById('recipe').textContent)")


def test_the_border_moves_by_keyboard(page: Any) -> None:
    split = page.find_element("css selector", "#stage .split")
    width = "return parseFloat(document.querySelector('.compared .stack').style.getPropertyValue('--split'))"
    split.send_keys("\ue014")  # arrow right
    assert page.execute_script(width) == 51
    split.send_keys("\ue011")  # home
    assert page.execute_script(width) == 0


def test_tabs_follow_the_arrow_keys(page: Any) -> None:
    for name in ("nine", "rivals", "one"):
        page.find_element("css selector", "[role=tab][aria-selected=true]").send_keys("\ue014")
        chosen = page.find_element("css selector", "[role=tab][aria-selected=true]")
        assert chosen.get_attribute("id") == f"tab-{name}"
        assert page.switch_to.active_element == chosen
        assert page.find_element("id", f"view-{name}").is_displayed()


def test_nine_draws_and_every_published_synthesis(page: Any) -> None:
    page.find_element("id", "tab-nine").click()
    wait(page, "document.querySelectorAll('#nine .card').length === 9")
    page.find_element("id", "tab-rivals").click()
    wait(page, f"document.querySelectorAll('#rivals .card').length === {1 + len(RIVALS)}")
    assert not page.find_element("id", "trouble").is_displayed()
    assert page.get_log("browser") == []


def test_the_recipe_shown_is_the_one_that_is_drawn(page: Any) -> None:
    page.find_element("id", "tab-nine").click()
    wait(page, "document.querySelectorAll('#nine .card').length === 9")
    slider = page.find_element("css selector", "#weights input")
    slider.send_keys("\ue010")  # end: weight 1
    wait(page, "document.getElementById('recipe').textContent.includes('kinds')")
    text = page.find_element("id", "recipe").get_attribute("textContent")
    config = config_from_dict(SynthConfig, tomllib.loads(text))
    assert config.opacities.kinds["brush"] == 1.0
    assert config.opacities.kinds["patchy"] == SynthConfig().opacities.kinds["patchy"]


def test_a_recipe_is_saved_as_a_file_that_a_build_reads(page: Any, tmp_path: Path) -> None:
    allow = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.execute_cdp_cmd("Browser.setDownloadBehavior", allow)
    page.find_element("css selector", "#recipe-box summary").click()
    page.find_element("id", "save").click()
    wait(page, "document.getElementById('saved').textContent.includes('my-recipe.toml')")
    saved, end = tmp_path / "my-recipe.toml", time.monotonic() + PATIENCE
    while not saved.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    config = load_config(saved)
    assert config.size == 64
    assert len(config.opacities.kinds) == 1


def test_what_cannot_be_drawn_is_told_until_it_can(page: Any) -> None:
    sliders = page.find_elements("css selector", "#controls input[type=range]")
    (threshold,) = [s for s in sliders if s.get_attribute("aria-label").startswith("Outline where")]
    threshold.send_keys("\ue010")  # end: no opacity is that dense
    sliders[0].send_keys("\ue011")  # home: faint
    wait(page, "document.getElementById('trouble').textContent.includes('no opacity showed')")
    assert page.find_element("id", "trouble").get_attribute("role") == "alert"
    threshold.send_keys("\ue011")
    sliders[0].send_keys("\ue010")
    wait(page, "document.getElementById('trouble').hidden && document.querySelector('.after img')")
