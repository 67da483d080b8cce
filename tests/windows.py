"""Makes a process of Linux one in which Python has nothing but what it has on Windows, too.

`python -m tests.windows PROGRAM [ARGUMENT...]` runs a program of Python's there; `lacks` says what
a module of the standard library has here and not on another system, as mypy's stubs have it.
"""

from __future__ import annotations

import ast
import contextlib
import errno
import importlib
import multiprocessing
import os
import pathlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

O_BINARY = 0x8000

MISSING = ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty")
"""Modules that Python does not have on Windows."""

_LOADED = (
    "asyncio concurrent.futures concurrent.futures.process ctypes.util email.utils getpass glob "
    "gzip http.client importlib.metadata inspect logging multiprocessing.connection "
    "multiprocessing.forkserver multiprocessing.pool multiprocessing.popen_fork platform random "
    "selectors shutil socket ssl subprocess tempfile urllib.request uuid webbrowser zipfile "
    "PIL.Image click fontTools.ttLib jinja2 markdown_it msgspec pyhanko.sign.signers "
    "pyhanko.sign.validation rich.console tomli typst"
)
"""What is loaded before, since it knows from its own tests which system this is."""


def lacks(module: str, platform: str) -> frozenset[str]:
    """Return the names that a module has on Linux and not on another platform.

    Args:
        module: A module of the standard library.
        platform: As `sys.platform` has it.
    """
    import mypy

    stubs = Path(mypy.__file__).parent / "typeshed" / "stdlib"
    paths = (stubs / f"{module}.pyi", stubs / module / "__init__.pyi")
    stub = next(path for path in paths if path.is_file())
    body = ast.parse(stub.read_text(encoding="utf-8")).body
    return frozenset(_names(body, "linux")) - frozenset(_names(body, platform))


def _names(body: list[ast.stmt], platform: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.If):
            yield from _names(node.body if _holds(node.test, platform) else node.orelse, platform)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (each.id for each in node.targets if isinstance(each, ast.Name))


def _holds(test: ast.expr, platform: str) -> bool:
    """Return whether a condition of a stub holds on a platform, with Python 3.11."""
    system = ModuleType("sys")
    vars(system).update(platform=platform, version_info=(3, 11))
    code = compile(ast.Expression(test), "stub", "eval")
    return bool(eval(code, {"sys": system, "TYPE_CHECKING": True}))


def become_windows() -> None:
    """Hide what Windows lacks from all that is imported from now on."""
    hidden = {name: lacks(name, "win32") for name in ("os", "signal", "time")}
    for name in _LOADED.split():
        importlib.import_module(name)
    for name in MISSING:
        sys.modules[name] = None  # type: ignore[assignment]
    for name in ("os", "signal", "time"):
        sys.modules[name] = _without(sys.modules[name], hidden[name])
    windows: Any = sys.modules["os"]
    windows.O_BINARY = O_BINARY
    windows.open = _open
    windows.unlink = windows.remove = _unless_open(os.unlink)
    # What `Path` calls, which has been loaded.
    for method in ("unlink", "replace", "rename"):
        setattr(pathlib.Path, method, _unless_open(getattr(pathlib.Path, method)))
    multiprocessing.get_all_start_methods = lambda: ["spawn"]  # type: ignore[attr-defined]
    multiprocessing.get_context = _context  # type: ignore[attr-defined]


def _without(module: ModuleType, hidden: frozenset[str]) -> ModuleType:
    """Return a module that has not all of the names of another."""
    made = ModuleType(module.__name__)
    vars(made).update({name: each for name, each in vars(module).items() if name not in hidden})
    return made


def _open(path: Any, flags: int, mode: int = 0o777, **other: Any) -> int:
    if Path(path).is_dir():
        raise PermissionError(errno.EACCES, "Permission denied", str(path))
    if flags & (os.O_WRONLY | os.O_RDWR) and not flags & O_BINARY and path != os.devnull:
        raise AssertionError(f"{path}: each line's end would be written as two characters")
    if other:
        raise NotImplementedError(f"{[*other]} unavailable on this platform")
    return os.open(path, flags, mode)


def _unless_open(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that refuses a file that is open in this process."""

    def refuse_open(path: Any, *given: Any, **named: Any) -> Any:
        whole = Path(path).absolute()
        for opened in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if opened.readlink() == whole:
                    raise PermissionError(errno.EACCES, "a process uses it", str(path))
        return function(path, *given, **named)

    return refuse_open


def _context(method: str | None = None) -> Any:
    if method in ("fork", "forkserver"):
        raise ValueError(f"cannot find context for {method!r}")
    return multiprocessing.context._concrete_contexts["spawn"]  # type: ignore[attr-defined]


if __name__ == "__main__":
    become_windows()
    program, *sys.argv[1:] = sys.argv[1:]
    exec(compile(program, "program", "exec"), {"__name__": "__main__"})
