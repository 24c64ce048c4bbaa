"""The page of a version in a real browser: it is filtered, a sample opens, and its image is drawn on."""

from typing import Any

from tests.synth.explore.conftest import EVIL
from tests.synth.explore.pages import wait


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
