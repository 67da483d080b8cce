"""The progress of many cases: a display on a terminal, lines in a log, events for a program."""

import contextlib
import json
import math
import os
import shlex
import sys
import time
from pathlib import Path
from typing import Any, Self

import click

from imrgen.batch import Batch, CaseResult, CaseRun, FolderPlan, IdentifyCases, Outcome
from imrgen.batch.outputs import MANIFEST
from imrgen.cli.options import Reporter, describe_left_out
from imrgen.diagnostics import OutputError

_INTERVAL = 5.0
_STANDARD_ERROR = 2
_STOPPING = "finishing the cases in progress; press Ctrl-C again to stop at once"

_Run = Batch | CaseRun[Any] | FolderPlan


class Progress:
    """Plain lines, every few seconds.

    Args:
        batch: The batch, or another run over cases.
        interval: Seconds between two lines.

    Attributes:
        done: How many cases are done.
        unchanged: How many of them had their letters already.
        failed: How many of them lack a letter.
        warned: Of how many of them a person should look at a warning.
    """

    def __init__(self, batch: _Run, interval: float = _INTERVAL) -> None:
        self._batch = batch
        self._interval = interval
        self._started = time.monotonic()
        self._shown = self._started
        self.done = 0
        self.unchanged = 0
        self.failed = 0
        self.warned = 0

    def update(self, outcome: CaseResult) -> None:
        """Count a case, and show the progress."""
        self.done += 1
        self.unchanged += outcome.skipped
        self.failed += outcome.failed
        self.warned += any(each.severity == "warning" for each in outcome.diagnostics)
        if time.monotonic() > self._shown + self._interval:
            self._shown = time.monotonic()
            self.show()

    @property
    def made(self) -> int:
        """How many cases have new letters."""
        return self.done - self.unchanged - self.failed

    @property
    def left(self) -> int:
        """How many cases were not reached, as far as the cases have been counted."""
        return max(0, (self._batch.total or 0) - self.done)

    def show(self) -> None:
        """Show the progress."""
        click.echo(self.line(), err=True)

    def line(self) -> str:
        """Return the progress as a line."""
        worked = self.done - self.unchanged
        rate = worked / max(0.001, self._seconds)
        total = self._batch.total
        left = f", {_duration(self.left / rate)} left" if total and worked else ""
        of = f" of {total}" if total else ""
        return f"{self.done}{of} done, {self.failed} failed, {rate:.1f} a second{left}"

    def stopping(self) -> None:
        """Show that the batch is stopping.

        A signal handler calls this, perhaps in the middle of a write. So nothing is written through
        a buffer, which would then be entered twice.
        """
        with contextlib.suppress(OSError):
            os.write(_STANDARD_ERROR, f"{_STOPPING}\n".encode())

    def end(self, location: str, is_repeatable: bool) -> None:
        """Show what became of the batch, and what to do next.

        Args:
            location: The folder or the URL of the letters.
            is_repeatable: Whether its cases can be read again, as those of standard input cannot.
        """
        parts = [
            f"{self.made} made",
            f"{self.unchanged} unchanged",
            f"{self.failed} failed",
            *([f"{self.left} left"] if self.left else []),
            *([f"{self.warned} with warnings"] if self.warned else []),
            f"in {_duration(self._seconds)}{describe_left_out(self._batch.left_out)}",
        ]
        click.echo(", ".join(parts))
        if self.warned:
            click.echo("`imrgen check` shows the warnings", err=True)
        if self.failed:
            click.echo(f"{location.rstrip('/')}/{MANIFEST} lists the cases that failed", err=True)
        if self._batch.stopped:
            click.echo("stopped; run the same command again to continue", err=True)
        elif self.failed:
            again = f"imrgen batch --retry-failed {shlex.quote(location)}"
            command = again if is_repeatable else "run the same command again"
            click.echo(f"once they are corrected: {command}", err=True)

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started


class Events(Progress):
    """Events for a program: one line of JSON each, on standard output.

    A program that no longer reads them, or a full disk, stops no letter: it is reported at the end.
    """

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self._failure: Exception | None = None
        self._has_told = False

    def show(self) -> None:
        """Show nothing: each event contains the progress."""

    def update(self, outcome: CaseResult) -> None:
        """Print the event of a case; it contains no value of the case."""
        super().update(outcome)
        assert isinstance(outcome, Outcome)
        self._tell_stopping()
        self._print(
            event="failed" if outcome.failed else "unchanged" if outcome.skipped else "made",
            case=outcome.origin,
            case_sha256=outcome.case_sha256,
            files=[letter.file for letter in outcome.letters],
            missing=[each.letter for each in outcome.missing],
            seconds=round(outcome.seconds, 4),
            diagnostics=[diagnostic.to_dict() for diagnostic in outcome.diagnostics],
            done=self.done,
            failures=self.failed,
            total=self._batch.total,
        )

    def stopping(self) -> None:
        """Print that the batch is stopping, before the next event: a signal may interrupt any."""

    def end(self, location: str, is_repeatable: bool) -> None:
        """Print what became of the batch.

        Raises:
            BrokenPipeError: Nobody has read the events.
            OutputError: The events could not be written.
        """
        self._tell_stopping()
        self._print(
            event="ended",
            made=self.made,
            unchanged=self.unchanged,
            failed=self.failed,
            left=self.left,
            with_warnings=self.warned,
            left_out=self._batch.left_out,
            stopped=self._batch.stopped,
            seconds=round(self._seconds, 3),
        )
        if self._failure is not None:
            raise self._failure

    def _tell_stopping(self) -> None:
        if self._batch.stopped and not self._has_told:
            self._has_told = True
            self._print(event="stopping")

    def _print(self, **event: Any) -> None:
        try:
            click.echo(json.dumps(event, ensure_ascii=False))
        except (BrokenPipeError, OutputError) as failure:
            self._failure = self._failure or failure


class Live(Progress):
    """A display that is updated four times a second: a bar, and a line for each worker.

    Args:
        batch: The batch, or another run over cases.
        reporter: What it writes to the terminal appears above the display.
    """

    def __init__(self, batch: _Run, reporter: Reporter) -> None:
        super().__init__(batch)
        # Loading it takes 40 ms, and only a terminal needs it.
        from rich.console import Console
        from rich.live import Live as Display
        from rich.text import Text

        console = Console(stderr=True)
        self._display = Display(
            get_renderable=self._draw, console=console, transient=True, redirect_stdout=False
        )
        self._reporter = reporter
        # The terminal breaks the lines, so that one that is copied is whole.
        self._print = lambda text: console.print(Text.from_ansi(text.rstrip()), soft_wrap=True)

    def __enter__(self) -> Self:
        if self._reporter.stream.isatty():
            self._reporter.show = self._print
        self._display.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._display.stop()
        self._reporter.show = self._reporter.stream.write

    def show(self) -> None:
        """Show nothing: the display is up to date."""

    def stopping(self) -> None:
        """Show that the batch is stopping, with the next display: a signal may interrupt any."""

    def _draw(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        table = Table.grid()
        table.add_column(no_wrap=True)
        table.add_row(ProgressBar(self._batch.total, self.done, width=60))
        table.add_row(Text(_STOPPING if self._batch.stopped else self.line()))
        for worker in list(self._batch.workers):
            state = "waits"
            if worker.tasks:
                task = worker.tasks[0]
                is_one = not isinstance(task, IdentifyCases)
                name = Path(task.case.origin).name if is_one else "the cases"
                state = f"{time.monotonic() - worker.since:.0f} s at {name}"
            table.add_row(Text(f"  worker {worker.number}: {worker.done} done, {state}"))
        return table


def progress(batch: _Run, reporter: Reporter) -> contextlib.AbstractContextManager[Progress]:
    """Show the progress of many cases in the form that fits standard error.

    Args:
        batch: The batch, or another run over cases.
        reporter: Writes diagnostics meanwhile.
    """
    if isinstance(batch, CaseRun) and batch.is_few:
        return contextlib.nullcontext(Progress(batch, math.inf))
    if sys.stderr.isatty():
        return Live(batch, reporter)
    return contextlib.nullcontext(Progress(batch))


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
