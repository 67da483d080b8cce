"""Files and folders as they were at a git revision.

The repository may be another person's: its configuration and attributes can name commands for
almost everything that git does. So git is only asked to list and to print objects as they are
stored, and is kept from fetching those that are missing.
"""

import os
import re
import subprocess
import tempfile
import threading
from pathlib import Path, PurePosixPath

import msgspec

from imrgen.diagnostics import ReadError, codes

_REVISION = re.compile(r"[\w./~^@{}][\w./~^@{}-]{0,99}")
_MAX_LISTED = 16 * 2**20
_MAX_BYTES = 512 * 2**20
"""How much git may print: names of files, and their contents. Few objects can make many files."""
_TIMEOUT = 10
_LINK = "120000"
_SUBMODULE = "160000"

_OPTIONS = (
    *("--no-pager", "--no-optional-locks", "--no-replace-objects", "--literal-pathspecs"),
    *("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false"),
    # A folder that only looks like a repository may hold a configuration, too.
    *("-c", "safe.bareRepository=explicit"),
)
_ENVIRONMENT = {
    # Missing objects are not fetched; older versions of git know only the second variable, which
    # no configuration overrides.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_TERMINAL_PROMPT": "0",
}


class _Entry(msgspec.Struct, frozen=True):
    """A file of a revision: its mode and object as git names them, and its path."""

    mode: str
    object: str
    path: str


def extract_revision(path: Path, revision: str, folder: Path) -> Path:
    """Copy a file or a folder, as it was at a git revision, into another folder.

    The files are as they are stored in the repository, without the changes that its filters make.
    Submodules, and links that lead out of the folder, are left out.

    Args:
        path: The file or folder as it is now.
        revision: The revision's name: `HEAD`, `HEAD~2`, a branch, a hash.
        folder: The folder to copy into.

    Returns:
        The path of the copy.

    Raises:
        ReadError: The path is in no repository, or the repository has no such revision, or the
            revision does not contain it, or contains too much.
    """
    if not _REVISION.fullmatch(revision):
        raise ReadError.of(codes.NOTHING_TO_COMPARE, "this is not the name of a git revision")
    path = path.absolute()
    working = path if path.is_dir() else path.parent
    root = Path(os.fsdecode(_git(working, "rev-parse", "--show-toplevel")).removesuffix("\n"))
    if not path.resolve().is_relative_to(root.resolve()):
        raise _nothing()
    name = path.resolve().relative_to(root.resolve())
    verify = ("rev-parse", "--verify", "--quiet", "--end-of-options")
    commit = _git(working, *verify, f"{revision}^{{commit}}").decode().strip()
    entries = _entries(root, commit, name)
    contents = _contents(root, [entry.object for entry in entries])
    try:
        _write(folder, entries, contents)
    except (OSError, ValueError):
        raise _nothing() from None
    return folder / name


def _entries(root: Path, commit: str, name: Path) -> list[_Entry]:
    """List the files of a revision below a path."""
    below = [] if name == Path() else [str(name)]
    listed = _git(root, "ls-tree", "-rz", "--full-tree", commit, "--", *below)
    entries = []
    for line in os.fsdecode(listed).split("\0")[:-1]:
        attributes, _, path = line.partition("\t")
        mode, _, identifier = attributes.split()
        if mode == _SUBMODULE:
            continue
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts:
            raise _nothing()
        entries.append(_Entry(mode, identifier, path))
    if not entries:
        raise _nothing()
    return entries


def _contents(root: Path, objects: list[str]) -> list[bytes]:
    """Return the contents of objects."""
    given = "".join(f"{each}\n" for each in objects).encode()
    printed = _git(root, "cat-file", "--batch", given=given, most=_MAX_BYTES)
    contents = []
    at = 0
    for _ in objects:
        start = printed.index(b"\n", at) + 1
        _, kind, *size = printed[at:start].split()
        if kind != b"blob":
            raise _nothing()
        at = start + int(size[0]) + 1
        contents.append(printed[start : at - 1])
    return contents


def _write(folder: Path, entries: list[_Entry], contents: list[bytes]) -> None:
    links = []
    for entry, content in zip(entries, contents, strict=True):
        target = folder / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.mode == _LINK:
            links.append((target, content))
        else:
            target.write_bytes(content)
    # After the files, so that none is written through a link.
    for target, content in links:
        target.symlink_to(os.fsdecode(content))
    for target, _ in links:
        if not target.resolve().is_relative_to(folder.resolve()):
            target.unlink()


def _git(folder: Path, *arguments: str, given: bytes = b"", most: int = _MAX_LISTED) -> bytes:
    """Return what git prints."""
    command = ["git", *_OPTIONS, "-C", str(folder), *arguments]
    environment = os.environ | _ENVIRONMENT
    try:
        with tempfile.TemporaryFile() as stdin:
            stdin.write(given)
            stdin.seek(0)
            process = subprocess.Popen(  # noqa: S603 - no shell
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            with process:
                timer = threading.Timer(_TIMEOUT, process.kill)
                timer.start()
                printed = process.stdout.read(most + 1) if process.stdout else b""
                if len(printed) > most:
                    process.kill()
                process.wait()
                timer.cancel()
    except OSError:
        raise _nothing() from None
    if len(printed) > most:
        message = "git has too many or too large files at this revision to compare with"
        raise ReadError.of(codes.NOTHING_TO_COMPARE, message)
    if process.returncode:
        raise _nothing()
    return printed


def _nothing() -> ReadError:
    return ReadError.of(
        codes.NOTHING_TO_COMPARE,
        "git has no such revision of this case and these templates, or they are in no repository",
    )
