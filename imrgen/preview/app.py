"""The routes of the preview, composed in one function; each reads JSON, asks another module, and gives JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from imrgen.case import parse, read
from imrgen.diagnostics import CaseError, Diagnostic, ImrgenError, PackError, codes, field, report
from imrgen.preview import editing
from imrgen.preview.editor import Editor
from imrgen.preview.history import History
from imrgen.preview.revisions import take_out
from imrgen.preview.security import LETTER_POLICY, Guard, TooLarge
from imrgen.preview.watch import Watch
from imrgen.preview.worker import Answer, Job, Kind
from imrgen.preview.workers import Superseded, Workers
from imrgen.preview.workspace import Workspace

PAGE = Path(__file__).parent / "page"
_KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_KEPT = 24
_GROUPS = {
    "0": "schema",
    "1": "schema",
    "2": "template",
    "4": "accessibility",
    "5": "preview",
    "6": "preview",
}
"""What a diagnostic is of, by the first digit of its code; checks, which packages may add, have
all others.
"""


class Preview:
    """What the routes share.

    Args:
        workspace: What may be opened.
        workers: Who makes the letters.
        editor: What opens a place.
    """

    def __init__(self, workspace: Workspace, workers: Workers, editor: Editor) -> None:
        self.workspace, self.workers, self.editor = workspace, workers, editor
        self.watch = Watch(workspace.folders)
        self.earlier = History()
        self.pdfs: OrderedDict[str, bytes] = OrderedDict()
        self._files = {
            path.name: path.read_bytes() for path in PAGE.iterdir() if path.suffix in _KINDS
        }

    def file(self, name: str) -> Response:
        """Give a file of the page; only names that stand in its folder are known."""
        if name not in self._files:
            return Response("there is no such file\n", 404, media_type="text/plain")
        return Response(self._files[name], media_type=_KINDS[Path(name).suffix])

    def job(self, said: Mapping[str, Any], kind: Kind | None = None) -> Job:
        """Make a job of what a page asks for; cases and folders come from the workspace alone."""
        wanted = msgspec.convert(said, Wanted)
        return Job(
            kind=kind or wanted.kind,
            case=self.workspace.case(wanted.case),
            pack=wanted.pack or self.workspace.pack,
            letter=wanted.letter or self.workspace.letter,
            templates=self.workspace.templates,
            draft=wanted.draft,
        )

    def other(self, job: Job, kind: str, name: str, folder: Path) -> Job:
        """Give the letter that one is compared with.

        Args:
            job: The letter.
            kind: `pack`, `git` or `save`.
            name: The pack, or the revision.
            folder: For the files of a revision.

        Raises:
            CaseError: There is nothing to compare with.
        """
        if kind == "pack":
            return msgspec.structs.replace(job, pack=name)
        if kind == "git":
            case = take_out(job.case, name, folder / "case")
            templates = tuple(
                take_out(each, name, folder / str(n)) for n, each in enumerate(job.templates)
            )
            return msgspec.structs.replace(job, case=case, templates=templates, draft=None)
        if job.draft is not None:
            return msgspec.structs.replace(job, draft=None)
        return self.earlier.job(job, folder)

    def told(self, answer: Answer) -> dict[str, Any]:
        """Give an answer as the page reads it."""
        content = dict(answer.content)
        if "pdf" in content:
            content["id"] = self.keep(content.pop("pdf"))
        return {
            "content": content,
            "diagnostics": tell(answer.diagnostics),
            "timings": answer.timings,
        }

    def keep(self, pdf: bytes) -> str:
        """Keep a PDF for a while, and give the name under which its pages can be asked for."""
        name = secrets.token_hex(8)
        self.pdfs[name] = pdf
        while len(self.pdfs) > _KEPT:
            self.pdfs.popitem(last=False)
        return name


class Wanted(msgspec.Struct, frozen=True):
    """What a page asks for."""

    case: str
    kind: Literal["html", "text", "pdf", "source", "mark", "inspect", "inspect-pages"] = "html"
    pack: str = ""
    letter: str = ""
    draft: str | None = None


class Place(msgspec.Struct, frozen=True):
    """A place that a page asks to be opened in the editor."""

    file: str
    line: Annotated[int, msgspec.Meta(ge=1)] = 1
    column: Annotated[int, msgspec.Meta(ge=1)] = 1


def tell(diagnostics: tuple[Diagnostic, ...] | list[Diagnostic]) -> list[dict[str, Any]]:
    """Give diagnostics as the page reads them, with the very lines that the command line prints."""
    return [
        {
            **msgspec.to_builtins(each),
            "field": field(each.path),
            "group": _GROUPS.get(each.code[3:4], "checks"),
            "report": report([each]).rstrip("\n"),
        }
        for each in diagnostics
    ]


def compose_app(preview: Preview, token: str, hosts: frozenset[str]) -> ASGIApp:
    """Put the application together.

    Args:
        preview: What the routes share.
        token: What each path begins with.
        hosts: The names of the server.
    """

    async def page(request: Request) -> Response:
        return preview.file("index.html")

    async def asset(request: Request) -> Response:
        return preview.file(request.path_params["name"])

    async def frame(request: Request) -> Response:
        blank = "<!doctype html><html lang=en><title>Letter</title>"
        return HTMLResponse(blank, headers={"Content-Security-Policy": LETTER_POLICY})

    async def listing(request: Request) -> Response:
        found = await run_in_threadpool(preview.workspace.listing)
        found["faults"] = tell(found["faults"])
        editor = {"url": preview.editor.url, "folder": Path.cwd().as_posix()}
        return JSONResponse({**found, "editor": editor, "listing": preview.watch.listing})

    async def render(request: Request) -> Response:
        said = await _json(request)
        tab = str(said.pop("tab", ""))[:40]
        job = preview.job(said)
        answer = await preview.workers.do(job, tab)
        preview.earlier.note(job, answer.stamps)
        revision = preview.watch.note(tab, answer.stamps)
        return JSONResponse(
            {**preview.told(answer), "revision": revision, "server": preview.watch.server}
        )

    async def marks(request: Request) -> Response:
        said = await _json(request)
        found = {}
        for case in list(said.pop("cases"))[:50]:
            answer = await preview.workers.do(
                preview.job({**said, "case": case}, "mark"), f"marks-{said.get('tab')}"
            )
            weights = {diagnostic.severity for diagnostic in answer.diagnostics}
            found[case] = next((w for w in ("error", "warning") if w in weights), "clean")
        return JSONResponse(found)

    async def accessibility(request: Request) -> Response:
        said = await _json(request)
        answer = await preview.workers.do(
            preview.job(said, "accessibility"), f"accessibility-{said.get('tab')}"
        )
        return JSONResponse({"diagnostics": tell(answer.diagnostics)})

    async def branches(request: Request) -> Response:
        said = await _json(request)
        found = {}
        for case in list(said.pop("cases"))[:50]:
            job = preview.job({**said, "case": case}, "branches")
            answer = await preview.workers.do(job, f"branches-{said.get('tab')}")
            found[case] = answer.content.get("branches")
        return JSONResponse(found)

    async def compare(request: Request) -> Response:
        said = await _json(request)
        tab = str(said.pop("tab", ""))[:40]
        against, mode = str(said.pop("against", "")), str(said.pop("mode", "words"))
        job = msgspec.structs.replace(preview.job(said, "compare"), mode=mode)
        kind, _, name = against.partition(":")
        with tempfile.TemporaryDirectory(prefix="imrgen-revision-") as folder:
            other = await run_in_threadpool(preview.other, job, kind, name, Path(folder))
            answer = await preview.workers.do(
                msgspec.structs.replace(job, other=other), f"compare-{tab}"
            )
        content = dict(answer.content)
        if "pdfs" in content:
            content["ids"] = [preview.keep(pdf) for pdf in content.pop("pdfs")]
        return JSONResponse({"content": content, "diagnostics": tell(answer.diagnostics)})

    async def provenance(request: Request) -> Response:
        answer = await preview.workers.do(
            preview.job(await _json(request), "provenance"), "provenance"
        )
        return JSONResponse(answer.content.get("provenance", {}))

    async def image(request: Request) -> Response:
        pdf = preview.pdfs.get(request.path_params["id"])
        scale = min(4.0, max(0.2, float(request.query_params.get("scale", "1"))))
        if pdf is None:
            return Response("this PDF is no longer kept\n", 404, media_type="text/plain")
        job = Job(kind="image", content=pdf, page=request.path_params["page"], scale=scale)
        answer = await preview.workers.do(job, str(request.query_params.get("tab", ""))[:40])
        if "image" not in answer.content:
            return Response("there is no such page\n", 404, media_type="text/plain")
        return Response(answer.content["image"], media_type="image/png")

    async def download(request: Request) -> Response:
        pdf = preview.pdfs.get(request.path_params["id"])
        if pdf is None:
            return Response("this PDF is no longer kept\n", 404, media_type="text/plain")
        headers = {"Content-Disposition": 'attachment; filename="letter.pdf"'}
        return Response(pdf, media_type="application/pdf", headers=headers)

    async def source(request: Request) -> Response:
        said = await _json(request)
        if "case" in said:
            path = preview.workspace.case(str(said["case"]))
            text = await run_in_threadpool(path.read_text, "utf-8")
            switches = editing.listing(text, str(path))
            return JSONResponse(
                {"text": text, "digest": editing.digest(text.encode()), "switches": switches}
            )
        pack = preview.workspace.load(str(said.get("pack") or "") or None)
        sources = await run_in_threadpool(preview.workspace.sources, pack)
        names = {str(path): name for name, path in sources.items()}
        name = names.get(str(said.get("path")), str(said.get("file", "")))
        found = sources.get(name)
        text = await run_in_threadpool(found.read_text, "utf-8") if found else ""
        return JSONResponse(
            {"files": list(sources), "file": name, "path": str(found or ""), "text": text}
        )

    async def switch(request: Request) -> Response:
        said = await _json(request)
        path = preview.workspace.case(str(said["case"]))
        draft = said.get("draft")
        current = read(path) if draft is None else parse(str(draft), str(path))
        text = editing.switch(current, tuple(said["path"]), said["value"])
        return JSONResponse({"text": text, "switches": editing.listing(text, str(path))})

    async def switches(request: Request) -> Response:
        said = await _json(request)
        path = preview.workspace.case(str(said["case"]))
        return JSONResponse({"switches": editing.listing(str(said["draft"]), str(path))})

    async def save(request: Request) -> Response:
        said = await _json(request)
        path = preview.workspace.case(str(said["case"]))
        digest = await run_in_threadpool(editing.save, path, str(said["text"]), str(said["digest"]))
        return JSONResponse({"digest": digest})

    async def open_(request: Request) -> Response:
        place = msgspec.convert(await _json(request), Place)
        path = await run_in_threadpool(preview.workspace.file, place.file)
        await run_in_threadpool(preview.editor.open, path, place.line, place.column)
        return JSONResponse({})

    async def events(request: Request) -> Response:
        name = str(request.query_params.get("tab", ""))[:40]
        revision = int(request.query_params.get("revision", "0"))

        async def lines() -> AsyncIterator[str]:
            async for event in preview.watch.events(name, revision):
                yield f"data: {json.dumps(event)}\n\n" if event else ": still here\n\n"

        return StreamingResponse(lines(), media_type="text/event-stream")

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(preview.watch.run())
        try:
            yield
        finally:
            watching.cancel()
            preview.workers.close()

    routes = [
        Route("/", page),
        Route("/page/{name}", asset),
        Route("/frame", frame),
        Route("/listing", listing),
        Route("/events", events),
        Route("/image/{id}/{page:int}", image),
        Route("/pdf/{id}", download),
        Route("/open", open_, methods=["POST"]),
        *(
            Route(f"/{handler.__name__}", handler, methods=["POST"])
            for handler in (
                render,
                marks,
                accessibility,
                branches,
                compare,
                provenance,
                source,
                switch,
                switches,
                save,
            )
        ),
    ]
    return Guard(
        Starlette(routes=routes, lifespan=lifespan, exception_handlers=_REFUSALS), token, hosts
    )


async def _json(request: Request) -> dict[str, Any]:
    said = json.loads(await request.body())
    if not isinstance(said, dict):
        raise ValueError("an object is asked for")
    return said


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ImrgenError)
    gone = isinstance(error, CaseError) and error.diagnostics[0].code == codes.NOT_IN_PREVIEW
    conflict = error.diagnostics[0].code == codes.SAVE_CONFLICT
    status = 404 if gone else 409 if conflict else 422
    return JSONResponse({"diagnostics": tell(error.diagnostics)}, status)


async def _malformed(request: Request, error: Exception) -> Response:
    return JSONResponse(
        {"diagnostics": tell([Diagnostic(codes.BAD_REQUEST, "the request is malformed")])}, 400
    )


async def _superseded(request: Request, error: Exception) -> Response:
    return JSONResponse({"superseded": True}, 409)


async def _too_large(request: Request, error: Exception) -> Response:
    return Response("too large\n", 413, media_type="text/plain")


_REFUSALS: dict[Any, Any] = {
    ImrgenError: _refused,
    CaseError: _refused,
    PackError: _refused,
    Superseded: _superseded,
    TooLarge: _too_large,
    **dict.fromkeys(
        (ValueError, KeyError, TypeError, AttributeError, msgspec.ValidationError), _malformed
    ),
}
