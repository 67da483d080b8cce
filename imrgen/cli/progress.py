"""The progress of a batch: a display on a terminal, lines in a log, events for a program."""

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from imrgen.batch import Batch, BatchSummary, MakeLetters, Outcome
from imrgen.cli import colours
from imrgen.cli.options import describe_left_out
from imrgen.diagnostics import OutputError, report

_INTERVAL = 5.0
_STOPPING = "finishing the cases in progress; press Ctrl-C again to stop at once"


class Progress:
    """Plain lines: each failure at once, and the progress every few seconds.

    Args:
        batch: The batch.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._started = time.monotonic()
        self._shown = self._started
        self.done = 0
        self.skipped = 0
        self.failed = 0

    def update(self, outcome: Outcome) -> None:
        """Count a case, and show what became of it."""
        self.done += 1
        self.skipped += outcome.skipped
        self.failed += outcome.failed
        self.show(outcome)

    def show(self, outcome: Outcome) -> None:
        """Show what became of a case."""
        if outcome.failed:
            sys.stderr.write(_report(outcome))
        if time.monotonic() > self._shown + _INTERVAL:
            self._shown = time.monotonic()
            click.echo(self.line(), err=True)

    def line(self) -> str:
        """Return the progress as a line."""
        made = self.done - self.skipped
        rate = made / max(0.001, time.monotonic() - self._started)
        total = self._batch.total
        left = f", {_duration((total - self.done) / rate)} left" if total and made else ""
        of = f" of {total}" if total else ""
        return f"{self.done}{of} done, {self.failed} failed, {rate:.1f} a second{left}"

    def stopping(self) -> None:
        """Show that the batch is stopping."""
        click.echo(_STOPPING, err=True)

    def end(self, summary: BatchSummary) -> None:
        """Show what became of the batch."""
        click.echo(
            f"{summary.made} made, {summary.skipped} unchanged, {len(summary.failed)} failed, "
            f"in {_duration(summary.seconds)}{describe_left_out(summary.left_out)}"
        )
        if summary.stopped:
            click.echo("stopped; run the same command again to continue", err=True)


class Events(Progress):
    """Events for a program: one line of JSON each, on standard output.

    A program that no longer reads them, or a full disk, stops no letter: it is reported at the end.
    """

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self._failure: Exception | None = None

    def show(self, outcome: Outcome) -> None:
        """Print the event of a case; it contains no value of the case."""
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
        """Print that the batch is stopping."""
        self._print(event="stopping")

    def end(self, summary: BatchSummary) -> None:
        """Print what became of the batch.

        Raises:
            BrokenPipeError: Nobody has read the events.
            OutputError: The events could not be written.
        """
        self._print(
            event="ended",
            made=summary.made,
            unchanged=summary.skipped,
            failed=len(summary.failed),
            left_out=summary.left_out,
            stopped=summary.stopped,
            seconds=round(summary.seconds, 3),
        )
        if self._failure is not None:
            raise self._failure

    def _print(self, **event: Any) -> None:
        try:
            click.echo(json.dumps(event, ensure_ascii=False))
        except (BrokenPipeError, OutputError) as failure:
            self._failure = self._failure or failure


class Live(Progress):
    """A display that is updated four times a second: a bar, and a line for each worker."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        # Loading it takes 40 ms, and only a terminal needs it.
        from rich.console import Console
        from rich.live import Live as Display

        self._console = Console(stderr=True)
        self.display = Display(get_renderable=self._draw, console=self._console, transient=True)

    def show(self, outcome: Outcome) -> None:
        """Show a failure above the display."""
        if outcome.failed:
            self._console.print(_report(outcome), end="", markup=False, highlight=False)

    def stopping(self) -> None:
        """Show that the batch is stopping."""
        self._console.print(_STOPPING)

    def _draw(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        table = Table.grid()
        table.add_column(no_wrap=True)
        table.add_row(ProgressBar(self._batch.total, self.done, width=60))
        table.add_row(Text(self.line()))
        for worker in list(self._batch.workers):
            state = "waits"
            if worker.tasks:
                task = worker.tasks[0]
                is_letter = isinstance(task, MakeLetters)
                name = Path(task.case.origin).name if is_letter else "the cases"
                state = f"{time.monotonic() - worker.since:.0f} s at {name}"
            table.add_row(Text(f"  worker {worker.number}: {worker.done} done, {state}"))
        return table


@contextlib.contextmanager
def progress(batch: Batch, as_json: bool) -> Iterator[Progress]:
    """Show the progress of a batch in the form that fits standard error.

    Args:
        batch: The batch.
        as_json: Whether to print events instead.
    """
    if as_json:
        yield Events(batch)
    elif sys.stderr.isatty():
        live = Live(batch)
        with live.display:
            yield live
    else:
        yield Progress(batch)


def _report(outcome: Outcome) -> str:
    return report(outcome.diagnostics, colour=colours(sys.stderr))


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
