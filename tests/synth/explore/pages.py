"""A page in a real browser: opened, waited for and measured."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 60
"""Seconds: the machine may be busy."""
WIDTHS = [360, 390, 768, 1280]


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


def screen(width: int) -> dict[str, Any]:
    return {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}


def open_page(browser: Any, address: str, ready: str) -> Any:
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen(1280))
    browser.get_log("browser")
    browser.get(address)
    wait(browser, f"document.querySelector('{ready}')")
    return browser


def nameless(browser: Any) -> list[str]:
    """Return the roles of what takes the focus and has no name for a screen reader."""
    passed = ("RootWebArea", "generic", "MenuListPopup")
    ours = [node for node in focusable(browser) if node["role"]["value"] not in passed]
    assert len(ours) > 8
    return [node["role"]["value"] for node in ours if not node.get("name", {}).get("value", "").strip()]


def focusable(browser: Any) -> list[dict[str, Any]]:
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return [
        node
        for node in nodes
        if not node.get("ignored") and any(p["name"] == "focusable" for p in node.get("properties", []))
    ]
