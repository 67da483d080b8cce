"""Show a batch's progress: live on a terminal, as lines in a log, as events for a program."""

from __future__ import annotations

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
from imrgen.diagnostics import report

_PAUSE = 5.0


class Progress:
    """Plain lines: what fails at once, and how far the batch is every few seconds.

    Args:
        batch: The batch.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._started = self._said = time.monotonic()
        self.done = self.skipped = self.failed = 0

    def tell(self, outcome: Outcome) -> None:
        """Count a case, and show what became of it."""
        self.done += 1
        self.skipped += outcome.skipped
        self.failed += outcome.failed
        self.show(outcome)

    def show(self, outcome: Outcome) -> None:
        """Show what became of a case."""
        if outcome.failed:
            click.echo(self.report(outcome), err=True, nl=False)
        if time.monotonic() > self._said + _PAUSE:
            self._said = time.monotonic()
            click.echo(self.line(), err=True)

    def report(self, outcome: Outcome) -> str:
        """Return what is at fault with a case; each diagnostic names the case."""
        return report(outcome.diagnostics, colour=colours(sys.stderr))

    def line(self) -> str:
        """Return how far the batch is."""
        made = self.done - self.skipped
        rate = made / max(0.001, time.monotonic() - self._started)
        total = self._batch.total
        left = f", {_span((total - self.done) / rate)} left" if total and made else ""
        of = f" of {total}" if total else ""
        return f"{self.done}{of} done, {self.failed} failed, {rate:.1f} a second{left}"

    def stopping(self) -> None:
        """Show that the batch stops."""
        click.echo("stopping once what is under way is done; Ctrl-C again stops at once", err=True)

    def end(self, summary: BatchSummary) -> None:
        """Show what became of the batch."""
        parts = [
            f"{summary.made} made",
            f"{summary.skipped} unchanged",
            f"{len(summary.failed)} failed",
        ]
        click.echo(
            f"{', '.join(parts)}, in {_span(summary.seconds)}{describe_left_out(summary.left_out)}"
        )
        if summary.stopped:
            click.echo("stopped; run the same command again to go on", err=True)


class Events(Progress):
    """Events: a line of JSON each, on standard output."""

    def show(self, outcome: Outcome) -> None:
        """Print a case's event; it holds no value of the case."""
        event = {
            "event": "failed" if outcome.failed else "unchanged" if outcome.skipped else "made",
            "case": outcome.origin,
            "case_sha256": outcome.case_sha256,
            "files": [made.file for made in outcome.letters],
            "seconds": round(outcome.seconds, 4),
            "diagnostics": [diagnostic.to_dict() for diagnostic in outcome.diagnostics],
            "done": self.done,
            "failures": self.failed,
            "total": self._batch.total,
        }
        click.echo(json.dumps(event, ensure_ascii=False))

    def stopping(self) -> None:
        """Print that the batch stops."""
        click.echo(json.dumps({"event": "stopping"}))

    def end(self, summary: BatchSummary) -> None:
        """Print what became of the batch."""
        counts = {"made": summary.made, "unchanged": summary.skipped, "failed": len(summary.failed)}
        rest = {
            "left_out": summary.left_out,
            "stopped": summary.stopped,
            "seconds": round(summary.seconds, 3),
        }
        click.echo(json.dumps({"event": "ended", **counts, **rest}))


class Live(Progress):
    """A display that is drawn anew four times a second: a bar, and a line for each worker."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        from rich.console import Console
        from rich.live import Live as Display

        self._console = Console(stderr=True)
        self.display = Display(get_renderable=self._drawn, console=self._console, transient=True)

    def show(self, outcome: Outcome) -> None:
        """Show what is at fault above the display."""
        if outcome.failed:
            self._console.print(self.report(outcome), end="", markup=False, highlight=False)

    def _drawn(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        now = time.monotonic()
        drawn = Table.grid()
        drawn.add_column(no_wrap=True)
        drawn.add_row(ProgressBar(self._batch.total, self.done, width=60))
        drawn.add_row(Text(self.line()))
        for worker in list(self._batch.workers):
            task = worker.tasks[0] if worker.tasks else None
            what = Path(task.entry.origin).name if isinstance(task, MakeLetters) else "the cases"
            doing = f"{now - worker.since:.0f} s at {what}" if task else "waits"
            drawn.add_row(Text(f"  worker {worker.number}: {worker.done} done, {doing}"))
        return drawn

    def stopping(self) -> None:
        """Show that the batch stops."""
        self._console.print("stopping once what is under way is done; Ctrl-C again stops at once")


@contextlib.contextmanager
def progress(batch: Batch, as_json: bool) -> Iterator[Progress]:
    """Show a batch's progress as its output asks.

    Args:
        batch: The batch.
        as_json: Whether events are wanted.
    """
    if as_json:
        yield Events(batch)
    elif sys.stderr.isatty():
        live = Live(batch)
        with live.display:
            yield live
    else:
        yield Progress(batch)


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
