"""Hostile requests to the preview: each is refused, and tells nothing."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner
from starlette.testclient import TestClient
from uvicorn.server import ServerState

import imrgen
from imrgen.cli import cli
from imrgen.pack import built_in
from imrgen.preview import Editor, Workspace
from imrgen.preview.app import Preview, build_app
from imrgen.preview.security import MAX_BODY_BYTES
from imrgen.preview.server import Connection, load_token
from imrgen.preview.workers import Workers
from imrgen.workers import Limits
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
TOKEN = "t" * 43
HOST = "127.0.0.1:8765"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("preview")
    (folder / "cases").mkdir()
    shutil.copy(ROOT / "imrgen" / "starter.toml", folder / "cases" / "case.toml")
    (folder / "secret.toml").write_text("secret")
    (folder / "packs" / "acme" / ".git").mkdir(parents=True)
    for name in (
        "packs/acme/note.html",
        "packs/acme/key.pem",
        "packs/acme/.git/config.txt",
        "secret.html",
    ):
        (folder / name).write_text("secret")
    (folder / "packs" / "acme" / "pack.toml").write_text(
        'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\n'
        "organization.inherit = true\n"
    )
    (folder / "packs" / "acme" / "link.html").symlink_to(folder / "secret.html")
    (folder / "cases" / "link.toml").symlink_to(folder / "secret.toml")
    (folder / "cases" / "outside").symlink_to(folder)
    return folder


class Recorder(Editor):
    """An editor that opens nothing and notes what it would have opened."""

    def __init__(self) -> None:
        super().__init__("true {file}:{line}")
        self.opened: list[list[str]] = []

    def open(self, path: Path, line: int, column: int) -> None:
        self.opened.append(self.arguments(path, line, column)[1:])


@pytest.fixture(scope="module")
def editor() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def client(folder: Path, editor: Recorder) -> Iterator[TestClient]:
    workspace = Workspace((folder / "cases",), imrgen.Options(templates=(str(folder / "packs"),)))
    preview = Preview(workspace, Workers(Limits(timeout=5)), editor)
    with TestClient(
        build_app(preview, TOKEN, frozenset([HOST])), base_url=f"http://{HOST}"
    ) as client:
        yield client


def render(client: TestClient, query: Any, **headers: str) -> Any:
    return client.post(f"/{TOKEN}/render", json=query, headers=headers)


@pytest.mark.slow
def test_the_pages_own_request_is_answered(client: TestClient, folder: Path) -> None:
    query = {"tab": "a", "case": (folder / "cases" / "case.toml").as_posix()}
    answer = render(client, query, **{"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200
    assert "HOW THE IMR FINAL DETERMINATION" in answer.json()["content"]["html"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:8765"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Host": f"{HOST}.evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Length": str(MAX_BODY_BYTES + 1)}, 413),
        ({"Content-Length": "x"}, 413),
    ],
)
def test_a_request_from_elsewhere_is_refused(
    client: TestClient, folder: Path, headers: dict[str, str], status: int
) -> None:
    body = json.dumps({"tab": "a", "case": (folder / "cases" / "case.toml").as_posix()})
    answer = client.post(
        f"/{TOKEN}/render", content=body, headers={"Content-Type": "application/json", **headers}
    )
    assert answer.status_code == status
    assert "IMR FINAL" not in answer.text


@pytest.mark.parametrize(
    "token", ["", "x" * 43, TOKEN[:-1], TOKEN + "t", TOKEN.upper(), TOKEN + "%2f", "é"]
)
@pytest.mark.parametrize("path", ["", "listing", "frame", "page/main.js", "events"])
def test_a_wrong_token_opens_nothing(client: TestClient, token: str, path: str) -> None:
    answer = client.get(f"http://{HOST}/{token}/{path}" if token else f"http://{HOST}/{path}")
    assert answer.status_code in (403, 404)
    assert "cases" not in answer.text


@pytest.mark.parametrize(
    "name",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "..%252fapp.py",
        "....//app.py",
        "..\\app.py",
        "/etc/passwd",
        "index.html%00",
        ".",
    ],
)
def test_no_file_but_the_pages_own_is_served(client: TestClient, name: str) -> None:
    answer = client.get(f"http://{HOST}/{TOKEN}/page/{name}")
    assert answer.status_code in (403, 404)
    assert "import" not in answer.text


@pytest.mark.parametrize(
    "case",
    [
        "../secret.toml",
        "/etc/passwd",
        "cases/../../secret.toml",
        "cases/link.toml",
        "cases/outside/secret.toml",
        "",
        "\0",
        "cases",
    ],
)
@pytest.mark.parametrize(
    "what", ["render", "accessibility", "source", "form", "save", "compare", "provenance"]
)
def test_no_case_outside_the_workspace_has_a_name(
    client: TestClient, folder: Path, case: str, what: str
) -> None:
    for named in (case, f"{folder}/{case}"):
        query = {"case": named, "text": "", "digest": "", "path": [], "value": "", "tab": "a"}
        answer = client.post(f"/{TOKEN}/{what}", json=query)
        assert answer.status_code in (400, 404), (named, what)
        assert "secret" not in answer.text.replace("secret.toml", "")
    assert (folder / "secret.toml").read_text() == "secret"


@pytest.mark.parametrize("what", ["marks", "branches"])
def test_no_case_outside_the_workspace_is_looked_at(
    client: TestClient, folder: Path, what: str
) -> None:
    answer = client.post(f"/{TOKEN}/{what}", json={"cases": [f"{folder}/secret.toml"], "tab": "a"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "file", ["../pack.toml", "/etc/passwd", "imr:../../secret.toml", "blocks/../../imr/pack.toml"]
)
def test_no_source_outside_the_packs_is_shown(client: TestClient, file: str) -> None:
    for query in ({"file": file}, {"path": file}):
        answer = client.post(f"/{TOKEN}/source", json=query)
        assert answer.json()["text"] == ""


FOREIGN = [
    "secret.toml",
    "secret.html",
    "packs",
    "packs/acme/key.pem",
    "packs/acme/.git/config.txt",
    "packs/acme/link.html",
    "packs/../secret.html",
    "cases/link.toml",
    "cases/outside/secret.toml",
    "recorder",
    "-c:quit",
    "",
    "\0",
]


@pytest.mark.parametrize("name", [*FOREIGN, "/etc/passwd", "blocks/issue.html"])
def test_no_file_outside_the_packs_and_cases_is_opened(
    client: TestClient, folder: Path, editor: Recorder, name: str
) -> None:
    for named in (name, f"{folder}/{name}"):
        answer = client.post(f"/{TOKEN}/open", json={"file": named, "line": 1})
        assert answer.status_code == 404, named
        assert editor.opened == []


@pytest.mark.parametrize(
    "place", [{}, {"file": 1}, {"line": "1; x"}, {"line": 0}, {"line": 1.5}, {"column": -1}]
)
def test_a_place_that_is_none_is_opened_nowhere(
    client: TestClient, folder: Path, editor: Recorder, place: dict[str, Any]
) -> None:
    query = {"file": f"{folder}/packs/acme/note.html", **place} if place else {}
    assert client.post(f"/{TOKEN}/open", json=query).status_code == 400
    assert editor.opened == []


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Content-Type": "text/plain"}, {"Host": "e"}]
)
def test_no_other_site_opens_a_file(
    client: TestClient, folder: Path, editor: Recorder, headers: dict[str, str]
) -> None:
    body = json.dumps({"file": f"{folder}/packs/acme/note.html"})
    kind = {"Content-Type": "application/json"}
    assert client.post(f"/{TOKEN}/open", content=body, headers={**kind, **headers}).status_code in (
        403,
        415,
        421,
    )
    assert client.get(f"/{TOKEN}/open").status_code == 405
    assert editor.opened == []


def test_files_of_packs_and_cases_are_opened(
    client: TestClient, folder: Path, editor: Recorder
) -> None:
    places = [
        f"{folder}/packs/acme/note.html",
        f"{folder}/cases/case.toml",
        str(built_in() / "imr" / "pack.toml"),
    ]
    for number, name in enumerate(places, start=1):
        assert client.post(f"/{TOKEN}/open", json={"file": name, "line": number}).status_code == 200
    opened = [[f"{name}:{number}"] for number, name in enumerate(places, start=1)]
    assert editor.opened == opened
    editor.opened.clear()


def test_a_body_that_goes_on_is_cut_off(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 2**16 + 10):
            yield b"x" * 2**16

    answer = client.post(
        f"/{TOKEN}/render", content=endless(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize(
    "body", ["", "[]", "{", "null", '{"case": 1}', '{"case": "x", "view": "image"}', "\xff"]
)
def test_a_malformed_request_is_refused(client: TestClient, body: str) -> None:
    answer = client.post(
        f"/{TOKEN}/render",
        content=body.encode("latin-1"),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 404)


def test_every_answer_forbids_scripts_from_elsewhere(client: TestClient) -> None:
    for path in ("", "frame", "listing", "page/main.js", "page/none.js", "nothing"):
        headers = client.get(f"/{TOKEN}/{path}").headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
    assert headers["cache-control"] == "no-store"
    assert (
        "sandbox allow-same-origin;"
        in client.get(f"/{TOKEN}/frame").headers["content-security-policy"]
    )


def test_the_token_is_readable_by_its_user_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    token = load_token()
    path = tmp_path / "imrgen" / "preview-token"
    assert path.stat().st_mode & 0o077 == 0
    assert len(token) >= 43
    assert load_token() == token
    path.chmod(0o644)
    assert load_token() != token


def test_a_token_needs_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert len(load_token()) >= 32


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_other_machines_are_let_in_only_by_a_word_of_its_own(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []
    monkeypatch.setattr("imrgen.preview.serve", lambda *_, host, **options: served.append(host))
    arguments = ["preview", str(STARTER), "--no-open", "--host"]
    refused = CliRunner().invoke(cli, [*arguments, host])
    assert (refused.exit_code, served) == (2, [])
    assert "--allow-remote" in refused.output
    allowed = CliRunner().invoke(cli, [*arguments, host, "--allow-remote"])
    assert "not encrypted" in allowed.stderr
    for own in ("127.0.0.1", "::1", "localhost"):
        assert not CliRunner().invoke(cli, [*arguments, own]).stderr
    assert served == [host, "127.0.0.1", "::1", "localhost"]


@pytest.mark.parametrize(
    "sent", ["", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"]
)
def test_a_connection_whose_request_does_not_come_is_closed(
    sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imrgen.preview.server._PATIENCE", 0.01)

    async def wait_for_body(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def connect() -> bytes:
        config = uvicorn.Config(wait_for_body, lifespan="off")
        config.load()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Connection(config, ServerState(), {}), "127.0.0.1", 0
        )
        async with server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent.encode())
            return await reader.read()

    assert asyncio.run(asyncio.wait_for(connect(), 50)) == b""
