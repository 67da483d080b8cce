"""The files that the preview reads and writes: encodings, line ends, links, and their names."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import imrgen
from imrgen.preview.app import Preview, build_app
from imrgen.preview.editor import Editor
from imrgen.preview.watch import Watch
from imrgen.preview.workers import Workers
from imrgen.preview.workspace import Workspace
from imrgen.workers import Limits
from tests.conftest import ROOT

STARTER = (ROOT / "imrgen" / "starter.toml").read_bytes()
BAD_NAME = b"b\xe4d.toml".decode(errors="surrogateescape")
PACK = 'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\n'
PACK += "organization = { inherit = true }\n"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    (tmp_path / "cases").mkdir()
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "pack.toml").write_text(PACK)
    (tmp_path / "acme" / "own.html").write_bytes(b"\xef\xbb\xbf<p>a</p>\r\n<p>b</p>\r\n")
    options = imrgen.Options(templates=(str(tmp_path / "acme"),))
    workspace = Workspace((tmp_path / "cases",), options)
    preview = Preview(workspace, Workers(Limits(timeout=30)), Editor("true {file}"))
    app = build_app(preview, "token", frozenset(["preview.test"]))
    with TestClient(app, base_url="http://preview.test/token/") as client:
        yield client


def post(client: TestClient, name: str, **query: Any) -> Any:
    return client.post(name, json=query).json()


@pytest.mark.slow
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("is_link", [False, True])
def test_a_save_changes_what_was_edited_and_nothing_else(
    newline: str, mark: str, end: str, is_link: bool, client: TestClient, tmp_path: Path
) -> None:
    text = STARTER.decode().rstrip("\n") + end
    path = tmp_path / ("elsewhere.toml" if is_link else "cases/case.toml")
    path.write_bytes((mark + text.replace("\n", newline)).encode())
    if is_link:
        (tmp_path / "cases" / "real").mkdir()
        path = path.rename(tmp_path / "cases" / "real" / "elsewhere.toml")
        (tmp_path / "cases" / "case.toml").symlink_to(path)
    before = path.read_bytes()
    case = str(tmp_path / "cases" / "case.toml")
    source = post(client, "source", case=case)
    assert source["text"] == text
    assert source["form"]
    for name in ("Mary Example", "José “Example”", "Maria Example"):
        edited = text.replace("Maria Example", name)
        answer = post(client, "save", case=case, text=edited, digest=source["digest"])
        assert answer["digest"] != source["digest"]
        source = post(client, "source", case=case)
        assert (source["text"], source["digest"]) == (edited, answer["digest"])
        assert path.read_bytes() == before.replace(b"Maria Example", name.encode())
    assert (tmp_path / "cases" / "case.toml").is_symlink() == is_link


def test_a_text_that_cannot_be_read_says_why(client: TestClient, tmp_path: Path) -> None:
    for name, content in (("a.toml", b"a = 1\xff"), ("b.toml", STARTER.decode().encode("utf-16"))):
        (tmp_path / "cases" / name).write_bytes(content)
        answer = client.post("source", json={"case": str(tmp_path / "cases" / name)})
        assert answer.status_code == 422
        (diagnostic,) = answer.json()["diagnostics"]
        assert diagnostic["code"] == "IMR005"
        assert diagnostic["span"]["file"].endswith(name)
    answer = post(client, "source", file="own.html")
    assert answer["text"] == "<p>a</p>\n<p>b</p>\n"
    (tmp_path / "acme" / "bad.html").write_bytes(b"<p>a\x93</p>\n")
    (diagnostic,) = post(client, "source", file="bad.html")["diagnostics"]
    assert (diagnostic["code"], diagnostic["span"]["column"]) == ("IMR005", 5)


@pytest.mark.slow
def test_names_that_are_not_utf8_cost_no_other(client: TestClient, tmp_path: Path) -> None:
    for name in ("a.toml", BAD_NAME, BAD_NAME.replace("\udce4", "\udce5")):
        (tmp_path / "cases" / name).write_bytes(STARTER)
    shutil.copy(tmp_path / "acme" / "own.html", tmp_path / "acme" / f"{BAD_NAME}.html")
    cases = client.get("listing").json()["cases"]
    assert len(cases) == len(set(cases)) == 3
    for case in cases:
        assert post(client, "source", case=case)["text"] == STARTER.decode()
        answer = post(client, "render", case=case, tab="tab")
        # No letter can use a template of such a name.
        assert {each["code"] for each in answer["diagnostics"]} == {"IMR220"}
        assert "Case Number" in answer["content"]["html"]
    files = post(client, "source", file="own.html")["files"]
    assert "b\\udce4d.toml.html" in files
    assert post(client, "source", file="b\\udce4d.toml.html")["text"].startswith("<p>a</p>")


def test_the_folder_of_a_links_target_is_watched(tmp_path: Path) -> None:
    for name in ("cases", "real", "further"):
        (tmp_path / name).mkdir()
    (tmp_path / "further" / "case.toml").write_bytes(STARTER)
    (tmp_path / "real" / "case.toml").symlink_to(tmp_path / "further" / "case.toml")
    link = tmp_path / "cases" / "case.toml"
    link.symlink_to("../real/case.toml")
    watch = Watch(lambda: [tmp_path / "cases"])
    watch.record("tab", {link: None})
    assert {tmp_path / "cases", tmp_path / "further"} <= watch.folders()
