"""The preview answers its own page alone, and opens nothing beyond its cases and packs."""

from __future__ import annotations

import shutil
from pathlib import Path

from starlette.testclient import TestClient

import imrgen
from imrgen.preview import Editor, Workspace
from imrgen.preview.app import Preview, build_app
from imrgen.preview.workers import Workers
from imrgen.workers import Limits
from tests.soak.hostile.counting import STARTER, Count

TOKEN = "t" * 43
HOST = "127.0.0.1:8765"
SECRET = "hunter2secret"
HOSTS = [
    "evil.example",
    "evil.example:8765",
    "127.0.0.1",
    "127.0.0.1:1",
    "127.0.0.1:8765.evil.example",
    "0.0.0.0:8765",
    "[::1]:8765",
    "127.1:8765",
    "2130706433:8765",
    "0x7f.1:8765",
    "localhost.evil.example:8765",
    "evil.example#127.0.0.1:8765",
    "user@127.0.0.1:8765",
    "127.0.0.1:08765",
    "127.0.0.1:8765,",
    "127.0.0.1:87650",
]
ORIGINS = [
    "null",
    "https://evil.example",
    "http://evil.example:8765",
    "https://127.0.0.1:8765",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://127.0.0.1:8765.evil.example",
    "file://",
    "http://localhost",
    "http://127.0.0.1:8765/",
    "HTTP://127.0.0.1:8765",
    "chrome-extension://abc",
]
SITES = ["cross-site", "same-site", "none", "CROSS-SITE", "x"]
TYPES = [
    "text/plain",
    "text/html",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/xml",
    "application/json5",
    "text/json",
    "application/jsonp",
]
TOKENS = ("", "t", "t" * 42, "t" * 44, "T" * 43, "%74" * 42, ".", "..", "*", TOKEN[:-1] + "u")
PATHS = [
    "/../secret.toml",
    "/..%2fsecret.toml",
    "/%2e%2e/secret.toml",
    "/page/../../secret.toml",
    "/page/..%2f..%2fsecret.toml",
    "/page/%2e%2e%2f%2e%2e%2fserver.py",
    "/page/server.py",
    "/page/app.py",
    "/page//etc/passwd",
    "/page/index.html%00.css",
    "/pdf/../secret",
    "/pdf/0",
    "/image/0/0",
    "/image/../0",
    "/frame/../secret.toml",
    "/source",
    "/save",
    "/open",
    "/render",
    "/nope",
    "/.git/config",
    "/page/.html",
    "//etc/passwd",
]
METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")
ROUTES = ("render", "source", "form", "highlight", "save", "open", "compare", "provenance")


def test_the_preview_answers_its_own_page_alone(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    shutil.copy(STARTER, tmp_path / "cases" / "case.toml")
    (tmp_path / "secret.toml").write_text(SECRET)
    (tmp_path / "cases" / "link.toml").symlink_to(tmp_path / "secret.toml")
    case = (tmp_path / "cases" / "case.toml").as_posix()
    outside = [
        str(tmp_path / "secret.toml"),
        str(tmp_path / "cases" / "link.toml"),
        str(tmp_path / "cases" / ".." / "secret.toml"),
        "../secret.toml",
        "link.toml",
        "/etc/passwd",
        "/proc/self/environ",
        "file:///etc/passwd",
        f"{case}\0",
        "",
        "/" * 4000,
    ]
    opened: list[Path] = []
    editor = Editor("true {file}")
    editor.open = lambda path, line, column: opened.append(path)  # type: ignore[method-assign]
    preview = Preview(
        Workspace((tmp_path / "cases",), imrgen.Options()), Workers(Limits(5)), editor
    )
    app = build_app(preview, TOKEN, frozenset([HOST]))
    requests: list[tuple[str, str, dict[str, str], object]] = []
    listing = f"/{TOKEN}/listing"
    requests += [("GET", listing, {"Host": host}, None) for host in HOSTS]
    requests += [("GET", listing, {"Origin": origin}, None) for origin in ORIGINS]
    for route in ("render", "save"):
        path = f"/{TOKEN}/{route}"
        requests += [("POST", path, {"Sec-Fetch-Site": site}, {"case": case}) for site in SITES]
        requests += [("POST", path, {"Content-Type": kind}, {"case": case}) for kind in TYPES]
    requests += [("GET", f"/{token}/listing", {}, None) for token in TOKENS]
    requests += [("GET", f"/{TOKEN}{path}", {}, None) for path in PATHS]
    requests += [(method, f"/{TOKEN}/save", {}, {"case": case}) for method in METHODS]
    for route in ROUTES:
        for name in outside:
            query = {"case": name, "file": name, "text": "x", "digest": "x", "against": "save"}
            query |= {"path": ["case", "priority"], "value": "expedited"} if "sw" in route else {}
            requests.append(("POST", f"/{TOKEN}/{route}", {}, query))
    with (
        Count("protocol tricks", 118) as count,
        TestClient(app, base_url=f"http://{HOST}") as client,
    ):
        for method, path, headers, query in requests:
            try:
                answer = client.request(method, path, headers=headers, json=query)
            except ValueError as error:  # the client itself refuses to send it
                count.add(f"{method} {path} {error}", True)
                continue
            is_stopped = answer.status_code >= 400 and SECRET not in answer.text and not opened
            count.add(f"{method} {path} {headers} {query} {answer.status_code}", is_stopped)
    assert (tmp_path / "secret.toml").read_text() == SECRET
