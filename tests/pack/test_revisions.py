"""Revisions of git: what they contain, and that a repository's own commands never run."""

import subprocess
from pathlib import Path

import pytest

import imrgen
from imrgen.pack import extract_revision

TRAPS = {
    "smudge": {"filter.x.smudge": "touch {}; cat"},
    "process": {"filter.x.process": "touch {}"},
    "required": {"filter.x.smudge": "touch {}; cat", "filter.x.required": "true"},
    "textconv": {"diff.x.textconv": "touch {}; cat"},
    "archive": {"tar.tar.command": "touch {}; cat", "tar.umask": "user"},
    "fsmonitor": {"core.fsmonitor": "touch {}"},
    "pager": {"core.pager": "touch {}", "pager.ls-tree": "touch {}", "pager.cat-file": "touch {}"},
    "alias": {"alias.ls-tree": "!touch {}", "alias.cat-file": "!touch {}"},
    "alternates": {"core.alternateRefsCommand": "touch {}"},
    "included": {"include.path": "trap"},
}
PROMISES = {
    "local": {"remote.o.url": ".", "remote.o.uploadpack": "touch {}; false"},
    "ext": {"remote.o.url": "ext::sh -c touch% {}", "protocol.ext.allow": "always"},
    "ssh": {"remote.o.url": "ssh://x/y", "core.sshCommand": "touch {}; false"},
    "askpass": {"remote.o.url": "http://127.0.0.1:9/", "core.askPass": "touch {}"},
    "helper": {"remote.o.url": "http://127.0.0.1:9/", "credential.helper": "!touch {}"},
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a case, and a folder of templates with a link."""
    folder = tmp_path / "repository"
    (folder / "pack" / "blocks").mkdir(parents=True)
    (folder / "case [1].toml").write_bytes(b"a = 1\r\n")
    (folder / "case 1.toml").write_bytes(b"another\n")
    (folder / "pack" / "blocks" / "é.html").write_bytes(b"<p>\xff")
    (folder / "pack" / "link.html").symlink_to("blocks/é.html")
    (folder / ".gitattributes").write_text("* filter=x diff=x text eol=lf\n")
    git(folder, "init", "-q")
    save(folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def save(folder: Path) -> None:
    git(folder, "-c", "core.autocrlf=false", "add", ".")
    git(folder, "commit", "-qm", "1")


def set_trap(folder: Path, settings: dict[str, str]) -> Path:
    """Configure commands that make a file; return its path."""
    sprung = folder.parent / "sprung"
    (folder / ".git" / "trap").write_text(f'[filter "x"]\nsmudge = "touch {sprung}; cat"\n')
    hooks = folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {sprung}\n")
        (hooks / name).chmod(0o755)
    for name, value in settings.items():
        git(folder, "config", name, value.format(sprung))
    sprung.unlink(missing_ok=True)
    return sprung


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("name", ["case [1].toml", "pack", "."])
def test_no_command_of_a_repository_runs(
    trap: str, name: str, repository: Path, tmp_path: Path
) -> None:
    sprung = set_trap(repository, TRAPS[trap])
    copy = extract_revision(repository / name, "HEAD", tmp_path / "copy")
    assert copy.exists()
    assert not sprung.exists()


@pytest.mark.parametrize("trap", PROMISES)
@pytest.mark.parametrize("missing", ["HEAD:case [1].toml", "HEAD^{tree}", "HEAD"])
def test_what_a_repository_lacks_is_not_fetched(
    trap: str, missing: str, repository: Path, tmp_path: Path
) -> None:
    identifier = git(repository, "rev-parse", missing)
    partial = {"extensions.partialClone": "o", "remote.o.promisor": "true"}
    sprung = set_trap(
        repository, {"core.repositoryFormatVersion": "1", **partial, **PROMISES[trap]}
    )
    (repository / ".git" / "objects" / identifier[:2] / identifier[2:]).unlink()
    with pytest.raises(imrgen.ReadError):
        extract_revision(repository / "case [1].toml", "HEAD", tmp_path / "copy")
    assert not sprung.exists()


def test_a_folder_that_looks_like_a_repository_is_none(repository: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    git(tmp_path, "clone", "-q", "--bare", str(repository), str(bare))
    (bare / "case.toml").write_text("")
    with pytest.raises(imrgen.ReadError):
        extract_revision(bare / "case.toml", "HEAD", tmp_path / "copy")


def test_files_are_as_they_are_stored(repository: Path, tmp_path: Path) -> None:
    stored = git(repository, "rev-parse", "HEAD:case [1].toml")
    case = extract_revision(repository / "case [1].toml", "HEAD", tmp_path / "1")
    assert git(repository, "hash-object", "--no-filters", str(case)) == stored
    assert [each.name for each in (tmp_path / "1").iterdir()] == ["case [1].toml"]
    (repository / "pack" / "link.html").unlink()
    copy = extract_revision(repository / "pack", "HEAD", tmp_path / "2")
    assert (copy / "link.html").read_bytes() == b"<p>\xff"


@pytest.mark.parametrize("links", [{"a": "/etc/hosts"}, {"a": "../.."}, {"up": ".", "a": "up/.."}])
def test_no_link_leads_out_of_the_copy(
    links: dict[str, str], repository: Path, tmp_path: Path
) -> None:
    for name, target in links.items():
        (repository / "pack" / "blocks" / name).symlink_to(target)
    (repository / "pack" / "further").symlink_to("blocks/a")
    save(repository)
    copy = extract_revision(repository / "pack", "HEAD", tmp_path / "copy")
    root = (tmp_path / "copy").resolve()
    found = list(copy.rglob("*"))
    assert found
    assert all(path.resolve().is_relative_to(root) for path in found)


@pytest.mark.parametrize("revision", ["HEAD~7", "--all", "nothing", "$(id)", ""])
def test_a_revision_that_is_none_is_refused(
    revision: str, repository: Path, tmp_path: Path
) -> None:
    with pytest.raises(imrgen.ReadError):
        extract_revision(repository / "pack", revision, tmp_path / "copy")


def test_what_a_revision_lacks_is_refused(repository: Path, tmp_path: Path) -> None:
    (repository / "new").mkdir()
    for path in (repository / "new", tmp_path):
        with pytest.raises(imrgen.ReadError):
            extract_revision(path, "HEAD", tmp_path / "copy")


@pytest.mark.slow
def test_few_objects_that_make_many_files_are_refused(repository: Path, tmp_path: Path) -> None:
    blob = git(repository, "rev-parse", "HEAD:case 1.toml")
    tree = _tree(repository, "".join(f"100644 blob {blob}\t{n}\n" for n in range(100)))
    for _ in range(3):
        tree = _tree(repository, "".join(f"040000 tree {tree}\t{n}\n" for n in range(100)))
    commit = git(repository, "commit-tree", "-m", "1", tree)
    with pytest.raises(imrgen.ReadError, match="too many"):
        extract_revision(repository, commit, tmp_path / "copy")


def _tree(folder: Path, entries: str) -> str:
    command = ["git", "-C", str(folder), "mktree"]
    return subprocess.run(
        command, input=entries, check=True, capture_output=True, text=True
    ).stdout.strip()
