"""The page on which a template author sees a letter, and sees it again after every save.

    browser ──▶ security ──▶ app ──▶ workspace, editing, editor
                              ├──▶ workers ──pipe──▶ worker ──▶ form, inspect, compare, pdf_pages
                              ├──▶ history
                              └──▶ watch

server      the socket, the token, and the application
security    only the preview's own page may use the server
app         the routes
workspace   the cases and packs that may be opened
watch       notifies tabs when what they show has changed
tasks       what workers are asked for, and what they return
workers     a worker process for each tab
worker      what a worker process does
preload     what is loaded before workers are forked; of an engine, preload_weasyprint
inspect     a letter's words with their origins
compare     two letters, word by word
pdf_pages   the pages of a PDF: images, and words with places
history     files as they were before the last save
editing     saving a case file
form        a case as a form, and its changes
editor      opens files in the user's editor
page/       the page itself
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand

if TYPE_CHECKING:
    from imrgen.preview.editor import Editor
    from imrgen.preview.server import serve
    from imrgen.preview.workspace import Workspace

__all__ = ["Editor", "Workspace", "serve"]

# Worker processes import this package, and need no server.
__getattr__ = on_demand(
    __name__, {"editor": ("Editor",), "server": ("serve",), "workspace": ("Workspace",)}
)
