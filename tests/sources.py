"""The package's modules, each parsed once for all tests that look at the code."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

from tests.conftest import ROOT

SOURCES = sorted((ROOT / "imrgen").rglob("*.py"))


@functools.cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all nodes of a module."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
