"""Ways in other than the command line, each in a process of its own: `python -m … WAY CASE`."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from starlette.testclient import TestClient

import imrgen
from imrgen.preview import Editor, Workspace
from imrgen.preview.app import Preview, build_app
from imrgen.preview.workers import Workers

_TOKEN = "t" * 43
_HOST = "127.0.0.1:8765"


def library(case: Path, templates: list[str], limits: imrgen.Limits) -> None:
    """Render a case with `limits=`."""
    try:
        renderer = imrgen.LimitedRenderer(templates=templates, limits=limits)
        renderer.render(case, formats=["pdf"])
    except imrgen.ImrgenError as error:
        print(error)


def preview(case: Path, templates: list[str], limits: imrgen.Limits, route: str = "render") -> None:
    """Ask for what the page shows of a case."""
    options = imrgen.Options(templates=tuple(templates))
    app = build_app(
        Preview(Workspace([case], options), Workers(limits), Editor("true")),
        _TOKEN,
        frozenset([_HOST]),
    )
    with TestClient(app, base_url=f"http://{_HOST}") as client:
        [name] = client.get(f"/{_TOKEN}/listing").json()["cases"]
        query = {"case": name, "tab": "t"} | ({"view": "pdf"} if route == "render" else {})
        answer = client.post(f"/{_TOKEN}/{route}", json=query)
        print(answer.status_code, answer.text[:2000])


if __name__ == "__main__":
    way, seconds, memory, named, *folders = sys.argv[1:]
    call = {
        "library": library,
        "preview": preview,
        "source": functools.partial(preview, route="source"),
    }[way]
    call(Path(named), folders, imrgen.Limits(float(seconds), int(memory)))
