"""The page in a real browser: it works by mouse and keyboard, fits every width, and stays on this machine."""

import re
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from artasyn.data_manifests.config import config_from_dict
from artasyn.synth.config import SynthConfig, load_config
from artasyn.synth.opacities.rivals.registry import RIVALS
from tests.synth.explore.conftest import EVIL

WIDTHS = [360, 390, 768, 1280]
PATIENCE = 60
"""Seconds: the machine may be busy."""


@contextmanager
def explored(source: str) -> Iterator[str]:
    """Run the command on a source, give the address that it prints, and end it as Ctrl-C does."""
    code = "from artasyn.synth.cli import main; main(prog_name='artasyn-synth')"
    call = [sys.executable, "-c", code, "explore", source, "--size", "64"]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            assert running.stdout is not None
            running.stdout.readline()
            yield re.findall(r"http://127\.0\.0\.1:\d+/\?token=\S+", running.stdout.readline())[0]
        finally:
            running.terminate()


@pytest.fixture(scope="module")
def phantoms() -> Iterator[str]:
    with explored("phantom:3") as address:
        yield address


@pytest.fixture(scope="module")
def browsed(stores: Path) -> Iterator[str]:
    with explored(f"{stores}@made") as address:
        yield address


def wait(browser: Any, script: str) -> None:
    """Wait until a script returns something true."""
    end = time.monotonic() + PATIENCE
    while not browser.execute_script(f"return {script}"):
        assert time.monotonic() < end, script
        time.sleep(0.05)


def settle(browser: Any) -> None:
    """Wait until all pictures in sight are there."""
    wait(
        browser,
        "[...document.images].filter(i => i.offsetParent && i.loading !== 'lazy').every(i => i.complete)",
    )


def open_page(browser: Any, address: str, ready: str) -> Any:
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen(1280))
    browser.get_log("browser")
    browser.get(address)
    wait(browser, f"document.querySelector('{ready}')")
    return browser


def screen(width: int) -> dict[str, Any]:
    return {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}


@pytest.fixture
def page(browser: Any, phantoms: str) -> Any:
    return open_page(browser, phantoms, "#panels img")


@pytest.fixture
def version_page(browser: Any, browsed: str) -> Any:
    return open_page(browser, browsed, "#rows .open img")


def altered(browser: Any) -> str:
    return str(browser.execute_script("return document.querySelector('.after img').src"))


def changes(browser: Any, act: Callable[[], None]) -> None:
    """Do something and wait until the picture is another one."""
    before = altered(browser)
    act()
    wait(browser, f"document.querySelector('.after img').src !== {before!r}")


def focusable(browser: Any) -> list[dict[str, Any]]:
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return [
        node
        for node in nodes
        if not node.get("ignored") and any(p["name"] == "focusable" for p in node.get("properties", []))
    ]


def nameless(browser: Any) -> list[str]:
    """Return the roles of what takes the focus and has no name for a screen reader."""
    passed = ("RootWebArea", "generic", "MenuListPopup")
    ours = [node for node in focusable(browser) if node["role"]["value"] not in passed]
    assert len(ours) > 8
    return [node["role"]["value"] for node in ours if not node.get("name", {}).get("value", "").strip()]


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


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("tab", ["one", "nine", "rivals"])
def test_no_view_scrolls_sideways(page: Any, tab: str, width: int) -> None:
    page.execute_script(f"document.getElementById('tab-{tab}').click()")
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen(width))
    assert page.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("tab", ["one", "nine", "rivals"])
def test_everything_that_takes_the_focus_has_a_name(page: Any, tab: str) -> None:
    page.find_element("id", f"tab-{tab}").click()
    assert nameless(page) == []


def test_every_sample_of_a_version_has_a_name(version_page: Any) -> None:
    assert nameless(version_page) == []
    card = version_page.find_element("css selector", "#rows .open")
    assert "broken.png" in card.accessible_name


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_it_follows_the_colours_of_the_system(page: Any, scheme: str, dark: bool) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    ground = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) is dark
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_version_is_browsed_by_filters(version_page: Any) -> None:
    from selenium.webdriver.support.ui import Select

    assert version_page.find_element("id", "tab-version").get_attribute("aria-selected") == "true"
    Select(version_page.find_element("name", "status")).select_by_value("rejected")
    wait(version_page, "document.querySelectorAll('#rows .open').length === 2")
    words = version_page.find_element("id", "rows").text
    assert EVIL in words
    assert "no_lung" in words
    assert not version_page.find_elements("css selector", "#rows figcaption span b")  # a name is no markup
    wait(version_page, "[...document.querySelectorAll('img.source')].some(i => i.naturalWidth === 120)")
    wait(version_page, "document.querySelector('.stack .reason')?.textContent.includes('not an image')")


def test_a_sample_opens_with_its_variants_and_record(version_page: Any) -> None:
    card = version_page.find_element("css selector", "#rows .open:has(.layer)")
    card.send_keys("\ue007")  # enter
    wait(
        version_page, "document.getElementById('detail').open && document.querySelector('#detail .compared')"
    )
    variants = version_page.find_elements("css selector", "#detail [aria-pressed]")
    assert len(variants) == 6
    variants[2].click()
    wait(
        version_page,
        "document.querySelectorAll('#detail [aria-pressed]')[2]?.getAttribute('aria-pressed') === 'true'",
    )
    assert '"kinds"' in version_page.find_element("css selector", "#detail pre").get_attribute("textContent")
    box = version_page.find_element("id", "layer-mask")
    box.click()  # the layers came along into the dialog
    assert (
        version_page.find_element("css selector", "#detail .layer.mask").value_of_css_property("visibility")
        == "visible"
    )
    version_page.switch_to.active_element.send_keys("\ue00c")  # escape
    wait(version_page, "!document.getElementById('detail').open")
    faults = [entry for entry in version_page.get_log("browser") if "/source" not in entry["message"]]
    assert faults == []  # a source that cannot be read is answered with 400


def test_opacities_are_drawn_on_the_image_of_a_sample(version_page: Any) -> None:
    version_page.find_element("css selector", "#rows .open:has(.layer)").click()
    wait(version_page, "document.getElementById('detail').open")
    name = version_page.find_element("id", "detail-title").text
    button = version_page.find_element("xpath", "//dialog//button[starts-with(., 'Draw')]")
    version_page.execute_script("arguments[0].click()", button)
    wait(version_page, "document.querySelector('#panels img')")
    assert version_page.execute_script("return document.body.dataset.view") == "one"
    chosen = "return document.getElementById('subject').selectedOptions[0].textContent"
    assert version_page.execute_script(chosen).startswith(name)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_version_does_not_scroll_sideways(version_page: Any, width: int) -> None:
    version_page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen(width))
    assert version_page.execute_script("return document.documentElement.scrollWidth") <= width


def test_it_listens_on_the_loopback_address_alone(phantoms: str) -> None:
    port = int(re.findall(r":(\d+)/", phantoms)[0])
    with socket.socket() as there:
        assert there.connect_ex(("127.0.0.1", port)) == 0
    if (
        sys.platform == "linux"
    ):  # all of 127.x.x.x is this machine: who listens on every address answers there too
        with socket.socket() as elsewhere:
            assert elsewhere.connect_ex(("127.0.0.2", port)) != 0
