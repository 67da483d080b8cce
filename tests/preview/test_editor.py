"""The editor in which the preview opens files: a URL, or a command with arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from imrgen.diagnostics import PreviewError
from imrgen.preview import Editor
from tests.browsers import Server, chromium, opened, server
from tests.command_line import invoke
from tests.mailbox import Mailbox

__all__ = ["chromium", "opened", "server"]


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    mailbox = Mailbox(tmp_path / "mailbox")
    yield mailbox
    mailbox.close()


@pytest.fixture
def programs(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Path]:
    """Make programs of a name that post their arguments to the mailbox."""

    def make(name: str) -> Path:
        (tmp_path / "bin").mkdir()
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        return mailbox.poster(tmp_path / "bin" / name)

    return make


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("vim", ["vim", "+7", "/packs/a b.html"]),
        ("gvim -f", ["gvim", "-f", "+7", "/packs/a b.html"]),
        ("nvim", ["nvim", "+7", "/packs/a b.html"]),
        ("emacs", ["emacs", "+7", "/packs/a b.html"]),
        ("nano", ["nano", "+7", "/packs/a b.html"]),
        ("code --wait", ["code", "--wait", "--goto", "/packs/a b.html:7:3"]),
        ("codium", ["codium", "--goto", "/packs/a b.html:7:3"]),
        ("subl", ["subl", "/packs/a b.html:7:3"]),
        ("zed", ["zed", "/packs/a b.html:7:3"]),
        ("hx", ["hx", "/packs/a b.html:7:3"]),
        ("gedit", ["gedit", "/packs/a b.html"]),
        (
            "vim '-c call cursor({line}, {column})' {file}",
            ["vim", "-c call cursor(7, 3)", "/packs/a b.html"],
        ),
        ("kate -l {line} -- {file}", ["kate", "-l", "7", "--", "/packs/a b.html"]),
    ],
)
def test_a_known_program_gets_the_line_in_its_own_way(
    programs: Callable[[str], Path], command: str, arguments: list[str]
) -> None:
    programs(command.split()[0])
    assert Editor(command).arguments(Path("/packs/a b.html"), 7, 3) == arguments


def test_a_file_of_any_name_is_one_argument_and_no_shell_reads_it(
    programs: Callable[[str], Path], mailbox: Mailbox, tmp_path: Path
) -> None:
    program = programs("gedit")
    path = tmp_path / "$(touch pwned); {line} '\".html"
    Editor("gedit").open(path, 1, 1)
    assert mailbox.receive() == repr([str(program), str(path)])
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    "url", ["vscode://file{file}:{line}:{column}", "idea://open?file={file}&line={line}"]
)
def test_a_url_is_left_to_the_browser(url: str) -> None:
    editor = Editor(url)
    assert editor.url == url
    with pytest.raises(PreviewError, match="IMR607"):
        editor.open(Path("/packs/a.html"), 1, 1)


@pytest.mark.parametrize("command", ["no-such-editor", "no-such-editor {file}", " ", "'"])
def test_a_command_that_does_not_exist_is_refused_at_the_start(
    command: str, tmp_path: Path
) -> None:
    for run in (
        invoke("preview", "--no-open", "--editor", command, cwd=tmp_path),
        invoke("preview", cwd=tmp_path, IMRGEN_EDITOR=command),
    ):
        assert run.returncode == 2
        assert "Invalid value for --editor" in run.stderr
        assert run.stdout == ""


def test_places_open_in_the_editor(
    server: Server, opened: Callable[..., Page], mailbox: Mailbox, tmp_path: Path
) -> None:
    page = opened("?inspect=1")
    page.frame_locator("#letter").get_by_text("Partial one.").hover()
    edit = page.locator("#origin").get_by_text("Open in the editor")
    expect(edit).to_have_attribute("href", f"vscode://file{server.pack}/blocks/more.html:1:1")
    recorder = mailbox.poster(tmp_path / "recorder")
    server.restart("--editor", f"{recorder} {{file}}:{{line}}:{{column}}")
    for view, place in (
        ("source&file=blocks/more.html", "acme/blocks/more.html:1:1"),
        ("data", "cases/case.toml:7:1"),
    ):
        page = opened(f"?case=cases/case.toml&format={view}&line={place.split(':')[1]}")
        page.get_by_role("button", name="Open in the editor").click()
        assert mailbox.receive() == repr([str(recorder), f"{server.folder}/{place}"])
    recorder.unlink()
    page.get_by_role("button", name="Open in the editor").click()
    expect(page.get_by_role("button", name="the editor cannot be started")).to_be_visible()
