"""Both pages for everyone and nobody else: every width, a name for all that takes the focus, this machine alone."""

import re
import socket
import sys
from typing import Any

import pytest

from tests.synth.explore.pages import WIDTHS, nameless, screen


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("tab", ["one", "nine", "rivals"])
def test_no_view_scrolls_sideways(page: Any, tab: str, width: int) -> None:
    page.execute_script(f"document.getElementById('tab-{tab}').click()")
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen(width))
    assert page.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_version_does_not_scroll_sideways(version_page: Any, width: int) -> None:
    version_page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen(width))
    assert version_page.execute_script("return document.documentElement.scrollWidth") <= width


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


def test_it_listens_on_the_loopback_address_alone(phantoms: str) -> None:
    port = int(re.findall(r":(\d+)/", phantoms)[0])
    with socket.socket() as there:
        assert there.connect_ex(("127.0.0.1", port)) == 0
    if (
        sys.platform == "linux"
    ):  # all of 127.x.x.x is this machine: who listens on every address answers there too
        with socket.socket() as elsewhere:
            assert elsewhere.connect_ex(("127.0.0.2", port)) != 0
