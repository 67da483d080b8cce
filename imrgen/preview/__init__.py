"""The page on which a template author sees the letter: the server, its workers and the page's own files.

browser ──▶ guard ──▶ app ──▶ workspace   what may be opened
                       │ ├──▶ workers ──pipe──▶ worker   letters are made in other processes, which may be ended
                       │ └──▶ editing     the case file's text
                       └──▶ tabs ◀── watching   who shows what, and when it has changed
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imrgen.preview.editor import Editor
    from imrgen.preview.server import serve
    from imrgen.preview.workspace import Workspace

__all__ = ["Editor", "Workspace", "serve"]

_MODULES = {"Editor": "editor", "Workspace": "workspace", "serve": "server"}


def __getattr__(name: str) -> Any:
    # The worker processes import this package, and need no server.
    if name not in _MODULES:
        raise AttributeError(f"module 'imrgen.preview' has no attribute '{name}'")
    return getattr(importlib.import_module(f"imrgen.preview.{_MODULES[name]}"), name)
