"""Letters that are made in worker processes, under limits of time and memory."""

from __future__ import annotations

import asyncio
import copy
import functools
import io
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, Unpack

from imrgen.case import MOST_BYTES, Case, Readable, Source
from imrgen.diagnostics import Diagnostic, ImrgenError, LimitError, WorkerError
from imrgen.document import Document
from imrgen.pack import TemplatePack, Templates, load_pack, portable
from imrgen.pipeline.letter import Letter
from imrgen.pipeline.observation import observed
from imrgen.pipeline.options import OptionFields, Options, chosen, exporter_of, options_of
from imrgen.pipeline.renderer import Renderer
from imrgen.workers import Failure, Limits, Pool, Worker, checked_jobs, diagnose

if TYPE_CHECKING:
    from imrgen.compose.tracing import Origin

_PRELOAD = ("imrgen.pipeline.renderer", "imrgen.checks")
_starting = threading.RLock()  # a signal handler may fork, too
if hasattr(os, "register_at_fork"):  # Windows has no fork
    # So that no lock is held in a child by a thread that is not there.
    os.register_at_fork(
        before=_starting.acquire,
        after_in_parent=_starting.release,
        after_in_child=_starting.release,
    )

_Task = Callable[[Renderer], Any]
_PackTask = tuple[str | None, tuple[Templates, ...]]
_Parts = tuple[Document, Case, Options, tuple[Diagnostic, ...], Mapping[str, bytes]]
"""What a letter is sent as: without the pack, which both processes have."""


class LimitedRenderer:
    """Makes letters in worker processes; use it from any thread, or with `await`.

    A case or a template that hangs, grows or crashes costs its own letter only. The program's main
    module must do its work under `if __name__ == "__main__":`, since a worker imports it.

    Args:
        options: The options; `None` for the defaults.
        limits: The limits of each call, of each format that is made later, and of loading the pack.
        jobs: The number of calls that run at a time, at least 1; others wait.
        loaded_pack: A pack that is loaded already, in place of the options' `pack` and `templates`.
        **changes: What differs from the options, such as `pack="imr"`; see `Options`.

    Raises:
        LimitError: The pack is not loaded within the limits.
        PackError: No such pack, or one of its files is at fault. What else is wrong with it, the
            first call raises.
        TypeError: An argument has another type.
        ValueError: `jobs` is below 1.
        WorkerError: No process can be started, such as in a daemonic one.
    """

    def __init__(
        self,
        options: Options | None = None,
        /,
        *,
        limits: Limits | None = None,
        jobs: int = 1,
        loaded_pack: TemplatePack | None = None,
        **changes: Unpack[OptionFields],
    ) -> None:
        if not isinstance(limits, Limits | None):
            raise TypeError(f"`limits` is an imrgen.Limits, not {type(limits).__name__}")
        limits = limits or Limits()
        jobs = checked_jobs(jobs)
        load = functools.partial(_load, limits)
        self.options, pack = chosen(options, changes, loaded_pack, load)
        self.pack = pack.override(dict(self.options.overrides))
        self._workers = _Workers(self.options, pack, limits, jobs)
        self._owner: LimitedRenderer | None = None
        self.close = weakref.finalize(self, self._workers.close)
        """End the workers; also done when nothing refers to the renderer and its letters."""

    def render(self, case: Case | Source | Readable, *, formats: Iterable[str] = ()) -> Letter:
        """Make the letter of a case; see `Renderer.render`.

        Args:
            case: A case, or what `load_case` reads one from.
            formats: The formats that are made at once; others, when they are first asked for.

        Raises:
            ImrgenError: What `Renderer.render` raises, and a `LimitError` if it reaches a limit.
        """
        return self._render(self._task(case, formats), _Call())

    async def render_async(
        self, case: Case | Source | Readable, *, formats: Iterable[str] = ()
    ) -> Letter:
        """Make the letter of a case as `render` does, but without blocking the event loop.

        A task that is cancelled ends the worker of its letter.
        """
        task = self._task(case, formats)
        call = _Call()
        try:
            return await asyncio.to_thread(self._render, task, call)
        except asyncio.CancelledError:
            call.cancel()
            raise

    def check(
        self, case: Case | Source | Readable, *, formats: Iterable[str] = ("pdf",)
    ) -> tuple[Diagnostic, ...]:
        """Find everything that would stop or trouble a case's letter; see `Renderer.check`.

        A limit that is reached is a diagnostic, too.
        """
        task = functools.partial(_check, _sent(case), tuple(formats), self.options)
        found: tuple[Diagnostic, ...]
        with observed("check", self.options, self.pack) as step:
            try:
                found = self._call(task)
            except LimitError as reached:
                found = reached.diagnostics
            step.codes = tuple(dict.fromkeys(each.code for each in found))
        return found

    def with_context(self, context: Mapping[str, Any]) -> LimitedRenderer:
        """Return a renderer to which the program gives other values; see `Renderer.with_context`.

        It has the workers of this one.
        """
        renderer = copy.copy(self)
        renderer.options = options_of(self.options, {"context": context})
        renderer._owner = self
        return renderer

    def _task(self, case: Case | Source | Readable, formats: Iterable[str]) -> _Task:
        return functools.partial(_render, _sent(case), tuple(formats), self.options)

    def _render(self, task: _Task, call: _Call) -> Letter:
        with observed("render", self.options, self.pack):
            return _LimitedLetter(self, self._call(task, call))

    def _call(self, task: _Task, call: _Call | None = None) -> Any:
        result = self._workers.run(task, call or _Call())
        if isinstance(result, Failure):
            raise LimitError([result.diagnostic])
        if isinstance(result, ImrgenError):
            raise result
        return result


def _load(limits: Limits, name: str | None, templates: Iterable[Templates]) -> TemplatePack:
    """Load a pack in a worker process: it may have faults without number, as a case may.

    Raises:
        LimitError: A limit was reached.
        PackError: As `load_pack` raises it.
    """
    pool = Pool(_loader, limits, preload=_PRELOAD)
    try:
        loaded = pool.start().run((name, portable(templates)))
    finally:
        pool.close()
    if isinstance(loaded, Failure):
        raise LimitError([loaded.diagnostic])
    if isinstance(loaded, Exception):
        raise loaded
    pack: TemplatePack = loaded
    return pack


def _loader() -> Callable[[_PackTask], TemplatePack | Exception]:
    return _loaded


def _loaded(task: _PackTask) -> TemplatePack | Exception:
    try:
        return load_pack(*task)
    except (ImrgenError, TypeError) as error:
        return error


class _Workers:
    """The workers of a renderer. A process that is forked of this one gets workers of its own."""

    def __init__(self, options: Options, pack: TemplatePack, limits: Limits, jobs: int) -> None:
        self._handler = functools.partial(_Handler, options, pack)
        self._limits = limits
        self._jobs = jobs
        self._start()

    def _start(self) -> None:
        self._slots = threading.BoundedSemaphore(self._jobs)
        self._idle: list[Worker] = []
        self._pool = Pool(self._handler, self._limits, preload=_PRELOAD)
        self._owner = os.getpid()

    def run(self, task: _Task, call: _Call) -> Any:
        """Run a task in a worker, and return its result or `Failure`."""
        with _starting:
            if self._owner != os.getpid():
                self._start()
        with self._slots:
            if call.is_cancelled:  # while it waited; it needs no worker
                raise CancelledError
            worker = self._idle.pop() if self._idle else self._pool.start()
            call.begin(worker)
            try:
                return worker.run(task)
            finally:
                call.end()
                if worker.is_usable:
                    self._idle.append(worker)
                else:
                    self._pool.discard(worker)

    def close(self) -> None:
        """End the workers."""
        self._pool.close()


class _Call:
    """A call, which another thread may cancel: its worker is killed, and none of another call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._is_cancelled = False

    def begin(self, worker: Worker) -> None:
        with self._lock:
            self._worker = worker
            if self._is_cancelled:
                worker.kill()

    @property
    def is_cancelled(self) -> bool:
        return self._is_cancelled

    def end(self) -> None:
        with self._lock:
            self._worker = None

    def cancel(self) -> None:
        with self._lock:
            self._is_cancelled = True
            if self._worker is not None:
                self._worker.kill()


class _LimitedLetter(Letter):
    """A letter whose formats are made in a worker."""

    def __init__(self, renderer: LimitedRenderer, parts: _Parts) -> None:
        document, case, options, warnings, files = parts
        exporter = exporter_of(renderer.pack, document.css, options)
        super().__init__(document, case, options, exporter, warnings)
        self._renderer = renderer
        self._files |= files

    def __reduce__(self) -> tuple[Any, ...]:
        # In another process there are no workers of this one.
        return Letter, (self.document, self.case, self.options, self._exporter, self.warnings)

    def origin(self, number: int) -> Origin | None:
        found: Origin | None = self._renderer._call(
            functools.partial(_origin, self.case, number, self.options)
        )
        return found

    def encoded(self, format: str) -> bytes:  # noqa: A002 - as in `Letter`
        if format not in self._files:
            parts: _Parts = (self.document, self.case, self.options, self.warnings, {})
            task = functools.partial(_encode, parts, format)
            with observed("write", self.options, self._exporter.pack, format=format):
                self._files[format] = self._renderer._call(task)
        return self._files[format]


class _Handler:
    """What runs in a worker; the renderer is made under the limits of the first call."""

    def __init__(self, options: Options, pack: TemplatePack) -> None:
        self._make = functools.cache(lambda: Renderer(options, loaded_pack=pack))

    def __call__(self, task: _Task) -> Any:
        try:
            return task(self._make())
        except ImrgenError as error:
            return error
        except (MemoryError, RecursionError):
            raise
        except Exception as fault:
            return WorkerError([diagnose(fault)])


def _sent(case: Case | Source | Readable) -> Case | Source | Readable:
    """Return a case as it can be sent: of a stream, what it holds."""
    if not hasattr(case, "read"):
        return case
    content = case.read(MOST_BYTES + 1)
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    stream.name = getattr(case, "name", None)
    return stream


def _render(
    case: Case | Source | Readable, formats: tuple[str, ...], options: Options, renderer: Renderer
) -> _Parts:
    letter = _with_context(renderer, options).render(case)
    files = {name: letter.encoded(name) for name in formats}
    return letter.document, letter.case, letter.options, letter.warnings, files


def _encode(parts: _Parts, format_name: str, renderer: Renderer) -> bytes:
    document, case, options, warnings, _ = parts
    letter = Letter(document, case, options, renderer.exporter, warnings)
    return letter.encoded(format_name)


def _origin(case: Case, number: int, options: Options, renderer: Renderer) -> Origin | None:
    return _with_context(renderer, options).trace(case).at_character(number)


def _check(
    case: Case | Source | Readable, formats: tuple[str, ...], options: Options, renderer: Renderer
) -> tuple[Diagnostic, ...]:
    return _with_context(renderer, options).check(case, formats=formats)


def _with_context(renderer: Renderer, options: Options) -> Renderer:
    """Return a worker's renderer with the values that the program gives for this call."""
    if renderer.options.context == options.context:
        return renderer
    return renderer.with_encoded_context(options.context)
