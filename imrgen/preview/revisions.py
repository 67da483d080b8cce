"""Files and folders as they were at a git revision."""

import io
import re
import subprocess
import tarfile
from pathlib import Path

from imrgen.diagnostics import PreviewError, codes

_REVISION = re.compile(r"[\w./~^@{}][\w./~^@{}-]{0,99}")


def extract_revision(path: Path, revision: str, folder: Path) -> Path:
    """Copy a file or a folder, as it was at a git revision, into another folder.

    Args:
        path: The file or folder as it is now.
        revision: The revision's name: `HEAD`, `HEAD~2`, a branch, a hash.
        folder: The folder to copy into.

    Returns:
        The path of the copy.

    Raises:
        PreviewError: The path is in no repository, or the repository has no such revision, or the
            revision does not contain it.
    """
    if not _REVISION.fullmatch(revision):
        raise PreviewError.of(codes.NOTHING_TO_COMPARE, "this is not the name of a git revision")
    path = path.absolute()
    working = path if path.is_dir() else path.parent
    root = Path(_git(working, "rev-parse", "--show-toplevel"))
    name = path.resolve().relative_to(root.resolve()).as_posix()
    verify = ("rev-parse", "--verify", "--quiet", "--end-of-options")
    commit = _git(working, *verify, f"{revision}^{{commit}}")
    archive = _run_git(root, "archive", "--format=tar", commit, "--", name)
    with tarfile.open(fileobj=io.BytesIO(archive)) as content:
        content.extractall(folder, filter="data")
    return folder / name


def _git(folder: Path, *arguments: str) -> str:
    return _run_git(folder, *arguments).decode().strip()


def _run_git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, check=True, capture_output=True, timeout=10).stdout  # noqa: S603 - no shell
    except (OSError, subprocess.SubprocessError):
        raise PreviewError.of(
            codes.NOTHING_TO_COMPARE,
            "git has no such revision of this case and these templates, or they are in no "
            "repository",
        ) from None
