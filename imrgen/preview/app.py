"""The routes of the preview: each reads a query, calls another module, and returns JSON."""

import asyncio
import contextlib
import json
import secrets
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route
from starlette.types import ASGIApp

from imrgen.case import decode_text, printable
from imrgen.checks import all_codes
from imrgen.diagnostics import (
    CaseError,
    ConflictError,
    Diagnostic,
    ImrgenError,
    NotFoundError,
    PackError,
    codes,
    report,
)
from imrgen.pack import extract_revision
from imrgen.preview import editing
from imrgen.preview.editor import Editor
from imrgen.preview.form import Change
from imrgen.preview.history import History
from imrgen.preview.security import LETTER_POLICY, Guard
from imrgen.preview.tasks import (
    CompareLetters,
    DrawPage,
    HighlightText,
    LetterRequest,
    PreviewResult,
    ShowForm,
    ShowLetter,
    View,
)
from imrgen.preview.watch import Watch
from imrgen.preview.workers import Superseded, Workers
from imrgen.preview.workspace import Workspace
from imrgen.workers import temporary_folder

PAGE = Path(__file__).parent / "page"
_MEDIA_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_MAX_PDFS = 24

Number = Annotated[int, msgspec.Meta(ge=1)]


class PackQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A letter of a pack, as a tab asks for it; empty for what the preview was started with."""

    tab: Annotated[str, msgspec.Meta(max_length=40)] = ""
    pack: str = ""
    letter: str = ""


class LetterQuery(PackQuery, frozen=True, kw_only=True):
    """A letter of a case."""

    case: str
    draft: str | None = None
    view: View = "html"


class CasesQuery(PackQuery, frozen=True, kw_only=True):
    """The letters of several cases."""

    cases: Annotated[list[str], msgspec.Meta(max_length=50)]


class CompareQuery(LetterQuery, frozen=True, kw_only=True):
    """A letter, and what it is compared with: `save`, `pack:NAME` or `git:REVISION`."""

    against: str = ""
    mode: Literal["words", "side", "pages"] = "words"


class SourceQuery(msgspec.Struct, frozen=True):
    """A case file, or a pack's file by its path or its name."""

    tab: Annotated[str, msgspec.Meta(max_length=40)] = ""
    case: str | None = None
    pack: str = ""
    path: str = ""
    file: str = ""


class EditQuery(LetterQuery, frozen=True, kw_only=True):
    """The form of a case, once a change has been made."""

    change: Change | None = None


class HighlightQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is shown in colours, and its language."""

    tab: Annotated[str, msgspec.Meta(max_length=40)] = ""
    text: str
    kind: Literal["toml", "json"]


class SaveQuery(msgspec.Struct, frozen=True):
    """A case's new text, and the digest of what the page has read."""

    case: str
    text: str
    digest: str


class OpenQuery(msgspec.Struct, frozen=True):
    """A place to open in the editor."""

    file: str
    line: Number = 1
    column: Number = 1


Query = TypeVar("Query", bound=msgspec.Struct)


class Preview:
    """The routes, and what they share.

    Args:
        workspace: What may be opened.
        workers: What makes the letters.
        editor: What opens files.
    """

    def __init__(self, workspace: Workspace, workers: Workers, editor: Editor) -> None:
        self.workspace = workspace
        self.workers = workers
        self.watch = Watch(workspace.folders, lambda: workspace.files().values())
        self._editor = editor
        self._history = History()
        self._pdfs: OrderedDict[str, bytes] = OrderedDict()
        self._files = {
            path.name: path.read_bytes() for path in PAGE.iterdir() if path.suffix in _MEDIA_TYPES
        }

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self._page_file),
            Route("/page/{name}", self._page_file),
            Route("/frame", self._frame),
            Route("/listing", self._listing),
            Route("/events", self._events),
            Route("/at", self._at),
            Route("/image/{id}/{page:int}", self._image),
            Route("/pdf/{id}", self._pdf),
            Route("/render", self._render, methods=["POST"]),
            Route("/marks", self._marks, methods=["POST"]),
            Route("/branches", self._branches, methods=["POST"]),
            Route("/compare", self._compare, methods=["POST"]),
            Route("/provenance", self._provenance, methods=["POST"]),
            Route("/source", self._source, methods=["POST"]),
            Route("/form", self._form, methods=["POST"]),
            Route("/highlight", self._highlight, methods=["POST"]),
            Route("/save", self._save, methods=["POST"]),
            Route("/open", self._open, methods=["POST"]),
        ]

    def letter_request(
        self, query: PackQuery, case: str, draft: str | None = None
    ) -> LetterRequest:
        """Return the request for a letter; its case and folders come from the workspace alone.

        Args:
            query: The pack and the letter.
            case: The case's id in the listing.
            draft: The case's unsaved text.

        Raises:
            NotFoundError: The workspace has no such case.
        """
        options = self.workspace.options
        options = msgspec.structs.replace(
            options, pack=query.pack or options.pack, letter=query.letter or options.letter
        )
        return LetterRequest(case=self.workspace.find_case(case), options=options, draft=draft)

    async def _page_file(self, request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        if name not in self._files:
            raise HTTPException(404, "there is no such file")
        return Response(self._files[name], media_type=_MEDIA_TYPES[Path(name).suffix])

    async def _frame(self, request: Request) -> Response:
        return HTMLResponse(
            "<!doctype html><html lang=en><title>Letter</title>",
            headers={"Content-Security-Policy": LETTER_POLICY},
        )

    async def _listing(self, request: Request) -> Response:
        listing = await run_in_threadpool(self.workspace.listing)
        editor = {"url": self._editor.url, "folder": printable(Path.cwd().as_posix())}
        return JSONResponse({**listing, "editor": editor, "listing": self.watch.listing})

    async def _render(self, request: Request) -> Response:
        query = await _read(request, LetterQuery)
        letter = self.letter_request(query, query.case, query.draft)
        result = await self.workers.run(ShowLetter(letter, query.view), query.tab)
        self._history.record(letter)
        content = dict(result.content)
        if "pdf" in content:
            content["id"] = self._keep(content.pop("pdf"))
        return JSONResponse(
            {
                "content": content,
                "diagnostics": _diagnostics(result.diagnostics),
                "timings": result.timings,
                "revision": self.watch.record(query.tab, result.stamps),
                "server": self.watch.server,
            }
        )

    async def _marks(self, request: Request) -> Response:
        marks = {}
        async for case, result in self._show_cases(await _read(request, CasesQuery), "mark"):
            severities = {diagnostic.severity for diagnostic in result.diagnostics}
            marks[case] = next((s for s in ("error", "warning") if s in severities), "clean")
        return JSONResponse(marks)

    async def _branches(self, request: Request) -> Response:
        query = await _read(request, CasesQuery)
        return JSONResponse(
            {
                case: result.content.get("branches")
                async for case, result in self._show_cases(query, "branches")
            }
        )

    async def _compare(self, request: Request) -> Response:
        query = await _read(request, CompareQuery)
        after = self.letter_request(query, query.case, query.draft)
        with tempfile.TemporaryDirectory(dir=temporary_folder()) as folder:
            before = await run_in_threadpool(self._earlier, after, query.against, Path(folder))
            task = CompareLetters(before, after, query.mode == "pages")
            result = await self.workers.run(task, f"compare-{query.tab}")
        content = dict(result.content)
        if "pdfs" in content:
            content["ids"] = [self._keep(pdf) for pdf in content.pop("pdfs")]
        return JSONResponse({"content": content, "diagnostics": _diagnostics(result.diagnostics)})

    async def _provenance(self, request: Request) -> Response:
        query = await _read(request, LetterQuery)
        letter = self.letter_request(query, query.case, query.draft)
        result = await self.workers.run(ShowLetter(letter, "provenance"), f"provenance-{query.tab}")
        return JSONResponse(result.content.get("provenance", {}))

    async def _image(self, request: Request) -> Response:
        scale = min(4.0, max(0.2, float(request.query_params.get("scale", "1"))))
        task = DrawPage(self._kept_pdf(request), request.path_params["page"], scale)
        result = await self.workers.run(task, _tab(request))
        if "image" not in result.content:
            raise HTTPException(404, "there is no such page")
        return Response(result.content["image"], media_type="image/png")

    async def _pdf(self, request: Request) -> Response:
        return Response(
            self._kept_pdf(request),
            media_type="application/pdf",
            headers={"Content-Disposition": "attachment"},
        )

    async def _source(self, request: Request) -> Response:
        query = await _read(request, SourceQuery)
        if query.case is not None:
            path = self.workspace.find_case(query.case)
            content = await run_in_threadpool(path.read_bytes)
            text = decode_text(content, query.case, CaseError)
            letter = self.letter_request(PackQuery(pack=query.pack), query.case, text)
            shown = await self.workers.run(ShowForm(letter), f"source-{query.tab}")
            form = shown.content.get("form")
            return JSONResponse({"text": text, "digest": editing.digest(content), "form": form})
        pack = await run_in_threadpool(self.workspace.load, query.pack or None)
        sources = await run_in_threadpool(self.workspace.sources, pack)
        names = {printable(str(path)): name for name, path in sources.items()}
        name = names.get(query.path, query.file)
        source = sources.get(name)
        text = ""
        if source:
            content = await run_in_threadpool(source.read_bytes)
            text = decode_text(content, str(source), PackError)
        return JSONResponse(
            {
                "files": list(sources),
                "file": name,
                "path": printable(str(source or "")),
                "text": text,
            }
        )

    async def _form(self, request: Request) -> Response:
        query = await _read(request, EditQuery)
        path = self.workspace.find_case(query.case)
        text = query.draft
        if text is None:
            text = decode_text(await run_in_threadpool(path.read_bytes), str(path), CaseError)
        task = ShowForm(self.letter_request(query, query.case, text), query.change)
        result = await self.workers.run(task, f"edit-{query.tab}")
        if not result.content:
            raise NotFoundError(result.diagnostics)
        return JSONResponse(result.content)

    async def _highlight(self, request: Request) -> Response:
        query = await _read(request, HighlightQuery)
        task = HighlightText(query.text, query.kind)
        result = await self.workers.run(task, f"highlight-{query.tab}")
        if not result.content:
            raise NotFoundError(result.diagnostics)
        return JSONResponse(result.content)

    async def _save(self, request: Request) -> Response:
        query = await _read(request, SaveQuery)
        path = self.workspace.find_case(query.case)
        digest = await run_in_threadpool(editing.save, path, query.text, query.digest)
        return JSONResponse({"digest": digest})

    async def _open(self, request: Request) -> Response:
        query = await _read(request, OpenQuery)
        path = await run_in_threadpool(self.workspace.find_file, query.file)
        await run_in_threadpool(self._editor.open, path, query.line, query.column)
        return JSONResponse({})

    async def _at(self, request: Request) -> Response:
        """Show a place of a case or a template, which an editor names, in the tab that is open."""
        file = request.query_params.get("file", "")
        line = str(int(request.query_params.get("line", "1")))
        case, name = await run_in_threadpool(self.workspace.find_place, file)
        place = {"inspect": "1", "file": name, "line": line, **({"case": case} if case else {})}
        if self.watch.show(place):
            return Response(status_code=204)
        return RedirectResponse(f"./?{urlencode(place)}", 303)

    async def _events(self, request: Request) -> Response:
        revision = int(request.query_params.get("revision", "0"))
        events = self.watch.events(_tab(request), revision)
        lines = (
            f"data: {json.dumps(event)}\n\n" if event else ": still here\n\n"
            async for event in events
        )
        return StreamingResponse(lines, media_type="text/event-stream")

    def _earlier(self, letter: LetterRequest, against: str, folder: Path) -> LetterRequest:
        """Return the request for what a letter is compared with.

        Args:
            letter: The letter.
            against: `pack:NAME`, `git:REVISION` or `save`.
            folder: The folder in which earlier files are written.

        Raises:
            PreviewError: Nothing has been saved since the preview was started.
            ReadError: git has no such revision of the files.
        """
        kind, _, name = against.partition(":")
        if kind == "pack":
            options = msgspec.structs.replace(letter.options, pack=name)
            return msgspec.structs.replace(letter, options=options)
        if kind == "git":
            templates = tuple(
                str(extract_revision(path, name, folder / str(number)))
                for number, path in enumerate(letter.templates)
            )
            options = msgspec.structs.replace(letter.options, templates=templates)
            case = extract_revision(letter.case, name, folder / "case")
            return LetterRequest(case=case, options=options)
        if letter.draft is not None:
            return msgspec.structs.replace(letter, draft=None)
        return self._history.before_last_save(letter, folder)

    async def _show_cases(
        self, query: CasesQuery, view: View
    ) -> AsyncIterator[tuple[str, PreviewResult]]:
        for case in query.cases:
            task = ShowLetter(self.letter_request(query, case), view)
            yield case, await self.workers.run(task, f"{view}-{query.tab}")

    def _kept_pdf(self, request: Request) -> bytes:
        pdf = self._pdfs.get(request.path_params["id"])
        if pdf is None:
            raise HTTPException(404, "this PDF is no longer kept")
        return pdf

    def _keep(self, pdf: bytes) -> str:
        """Keep a PDF for a while, and return the id under which its pages can be asked for."""
        name = secrets.token_hex(8)
        self._pdfs[name] = pdf
        while len(self._pdfs) > _MAX_PDFS:
            self._pdfs.popitem(last=False)
        return name


def build_app(preview: Preview, token: str, hosts: frozenset[str]) -> ASGIApp:
    """Return the application.

    Args:
        preview: The routes.
        token: The beginning of each path.
        hosts: The names of the server.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(preview.watch.run())
        try:
            yield
        finally:
            watching.cancel()
            preview.workers.close()

    return Guard(
        Starlette(
            routes=preview.routes(), lifespan=lifespan, exception_handlers=_EXCEPTION_HANDLERS
        ),
        token,
        hosts,
    )


async def _read(request: Request, query: type[Query]) -> Query:
    return msgspec.json.decode(await request.body(), type=query)


def _tab(request: Request) -> str:
    return request.query_params.get("tab", "")[:40]


def _diagnostics(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Return diagnostics as the page reads them, with the text that the command line prints."""
    return [
        {
            **each.to_dict(),
            "group": all_codes()[each.code].family.group,
            "report": report([each]).rstrip("\n"),
        }
        for each in diagnostics
    ]


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ImrgenError)
    statuses: dict[type[ImrgenError], int] = {NotFoundError: 404, ConflictError: 409}
    status = statuses.get(type(error), 422)
    return JSONResponse({"diagnostics": _diagnostics(error.diagnostics)}, status)


async def _malformed(request: Request, error: Exception) -> Response:
    diagnostic = Diagnostic(codes.BAD_REQUEST, "the request is malformed")
    return JSONResponse({"diagnostics": _diagnostics([diagnostic])}, 400)


async def _superseded(request: Request, error: Exception) -> Response:
    return JSONResponse({"superseded": True}, 409)


_EXCEPTION_HANDLERS: dict[Any, Any] = {
    ImrgenError: _refused,
    Superseded: _superseded,
    ValueError: _malformed,
    msgspec.MsgspecError: _malformed,
}
