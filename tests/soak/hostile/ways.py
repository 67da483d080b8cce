"""Ways in other than the command line, each in a process of its own: `python -m … WAY CASE`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from starlette.testclient import TestClient

import imrgen
from imrgen.preview import Editor, Workspace
from imrgen.preview.app import Preview, build_app
from imrgen.preview.workers import Workers

_TOKEN = "t" * 43
_HOST = "127.0.0.1:8765"


def library(case: Path, templates: list[str], limits: imrgen.Limits) -> float:
    """Render a case with `limits=`, and return the seconds of the longest call."""
    start = time.monotonic()
    try:
        imrgen.render(case, templates=templates, limits=limits).save(case.parent / "out.pdf")
    except imrgen.ImrgenError as error:
        print(error)
    return time.monotonic() - start


def preview(case: Path, templates: list[str], limits: imrgen.Limits) -> float:
    """Ask for all that the page shows, and return the seconds of the longest answer."""
    options = imrgen.Options(templates=tuple(templates))
    app = build_app(
        Preview(Workspace([case], options), Workers(limits), Editor("true")),
        _TOKEN,
        frozenset([_HOST]),
    )
    longest = 0.0
    with TestClient(app, base_url=f"http://{_HOST}") as client:
        [name] = client.get(f"/{_TOKEN}/listing").json()["cases"]
        for path, query in (
            ("render", {"case": name, "view": "pdf"}),
            ("source", {"case": name}),
            ("marks", {"cases": [name]}),
        ):
            start = time.monotonic()
            answer = client.post(f"/{_TOKEN}/{path}", json={**query, "tab": "t"})
            longest = max(longest, time.monotonic() - start)
            print(answer.status_code, answer.text[:2000])
    return longest


if __name__ == "__main__":
    way, seconds, memory, named, *folders = sys.argv[1:]
    call = {"library": library, "preview": preview}[way]
    spent = call(Path(named), folders, imrgen.Limits(float(seconds), int(memory)))
    print(f"seconds: {spent:.2f}")
