"""Laws of the page's application: who gets in, what can be asked for, and nothing else."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest
from starlette.testclient import TestClient

from artasyn.data_manifests.config import config_to_dict
from artasyn.synth.opacities import OpacityConfig
from tests.synth.explore.conftest import ADDRESS, TOKEN

PATHS = ["/", "/main.js", "/api/start", "/api/subjects", "/api/subject/0", "/api/counts", "/api/rows", "/api/row/0",
         "/picture/0/image"]  # fmt: skip


def wanted(**changes: Any) -> dict[str, Any]:
    return {"subject": 0, "seed": 1, "variant": 0, "settings": config_to_dict(OpacityConfig())} | changes


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_nobody_gets_in(stranger: TestClient, path: str) -> None:
    for address in (path, f"{path}?token=guess", f"{path}?token="):
        answer = stranger.get(address)
        assert answer.status_code == 403
        assert "address that `artasyn-synth explore` printed" in answer.text
    for cookie in ("artasyn_explore_8000=guess", "artasyn_explore_8000=", f"artasyn_explore_9000={TOKEN}"):
        assert stranger.get(path, headers={"cookie": cookie}).status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_with_the_token_everything_answers(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example:8000", "192.168.0.9", ""]
)
def test_another_name_of_this_machine_is_refused(client: TestClient, host: str) -> None:
    cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    for path in (*PATHS, f"/?token={TOKEN}"):
        assert client.get(path, headers={"host": host} | cookie).status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:9000", "https://127.0.0.1:8000", "null"]
)
def test_requests_of_other_pages_are_refused(client: TestClient, origin: str) -> None:
    assert client.get("/api/start", headers={"origin": origin}).status_code == 403
    assert client.post("/api/draw", json=wanted(), headers={"origin": origin}).status_code == 403


def test_a_post_says_where_it_comes_from(client: TestClient) -> None:
    assert client.post("/api/draw", json=wanted()).status_code == 200
    del client.headers["origin"]
    assert client.post("/api/draw", json=wanted()).status_code == 403


def test_the_cookie_is_for_this_page_alone(stranger: TestClient) -> None:
    answer = stranger.get(f"/?token={TOKEN}", follow_redirects=False)
    assert answer.headers["location"] == "/"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert "artasyn_explore_8000=" in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/", "/api/start", "/no-such-page", "/picture/0/image"])
def test_every_answer_forbids_what_comes_from_elsewhere(client: TestClient, path: str) -> None:
    for answer in (client.get(path), TestClient(client.app, base_url=ADDRESS).get(path)):
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/pyproject.toml", "/../pyproject.toml", "/%2e%2e/pyproject.toml", "/..%2f..%2fpyproject.toml", "/page/main.js",
        "//etc/passwd", "/picture/0/..%2f..%2fzarr.json", "/picture/0/table", "/picture/999999/image",
        "/picture/-1/image",
        "/api/row/999999", "/api/subject/../../x",
    ],
)  # fmt: skip
def test_no_path_of_a_request_is_opened(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("no json", "is no JSON"),
        ("[" * 50_000, "is no JSON"),
        ("x" * 200_000, "more than 100000 bytes"),
        ("[]", "must be a table"),
        (json.dumps(wanted(subject=10**6)), "subject"),
        (json.dumps(wanted(subject=-1)), "subject"),
        (json.dumps(wanted(seed=-1)), "seed"),
        (json.dumps(wanted(seed="1")), "must be int"),
        (json.dumps(wanted(path="/etc/passwd")), "unknown key `path`"),
        (json.dumps(wanted(settings={"severity": [1, 0]})), "severity"),
        (json.dumps(wanted(settings={"kinds": {"nodula": 1}})), "nodular"),
        (json.dumps(wanted(settings={"kinds": {"nodular": float("nan")}})), "finite"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(client: TestClient, body: str, said: str) -> None:
    answer = client.post("/api/draw", content=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


@pytest.mark.parametrize(
    "query", ["offset=-1", "offset=x", "faintest=nan", "nonsense=1", "offset=99999999999"]
)
def test_a_filter_that_is_none_is_told(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/rows?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_page_needs_nothing_from_elsewhere_and_makes_no_markup_of_names() -> None:
    for entry in (files("artasyn.synth.explore") / "page").iterdir():
        text = entry.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|url\(", text), entry
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|srcdoc", text
        ), entry
        assert not re.search(r"\sstyle=|\son\w+=", text), entry  # the policy forbids them


def test_names_are_found_whatever_their_case(client: TestClient) -> None:
    found = client.get("/api/subjects?text=CHEST_1").json()
    assert [entry["name"] for entry in found] == ["chest_1.png"]
