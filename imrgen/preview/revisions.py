"""Case files and packs as they were at a git revision, extracted to a folder."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path

from imrgen.diagnostics import Diagnostic, PreviewError, codes

_NAME = re.compile(r"[\w./~^@{}][\w./~^@{}-]{0,99}")


def take_out(path: Path, revision: str, folder: Path) -> Path:
    """Extract a file or a folder, as it was at a revision, to a folder.

    Args:
        path: The file or folder as it is now.
        revision: The revision's name: `HEAD`, `HEAD~2`, a branch, a digest.
        folder: The destination.

    Returns:
        Its path there.

    Raises:
        PreviewError: It is in no repository, or the repository has no such revision or had no such
            file in it.
    """
    if not _NAME.fullmatch(revision):
        raise PreviewError(
            [Diagnostic(codes.NOTHING_TO_COMPARE, "this is not the name of a git revision")]
        )
    path = path.absolute()
    home = path if path.is_dir() else path.parent
    root = Path(_git(home, "rev-parse", "--show-toplevel").decode().strip())
    name = path.resolve().relative_to(root.resolve()).as_posix()
    commit = (
        _git(home, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        .decode()
        .strip()
    )
    content = _git(root, "archive", "--format=tar", commit, "--", name)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
    return folder / name


def _git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, check=True, capture_output=True, timeout=10).stdout  # noqa: S603 - no shell
    except (OSError, subprocess.SubprocessError):
        message = "git has no such revision of this case and these templates, or they are in no repository"
        raise PreviewError([Diagnostic(codes.NOTHING_TO_COMPARE, message)]) from None
