"""`imrgen batch`: many cases in, letters out, none lost."""

from __future__ import annotations

import contextlib
import gc
import io
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import click
import msgspec

from imrgen.batch import (
    DEFAULT,
    FIELDS,
    Batch,
    BatchOptions,
    read_manifest,
    summarize,
)
from imrgen.batch.outputs import MANIFEST, open_target
from imrgen.cli.options import limits_options, rendering_options
from imrgen.cli.progress import Progress, progress
from imrgen.diagnostics import Diagnostic, ManifestError, codes
from imrgen.export import FORMATS
from imrgen.pipeline import Options

_EXIT_CODES = """\b
Exit codes:
  0  every case has its letters
  1  a case has none, or the batch was stopped; what is at fault was said
  2  the command line or the project's settings are at fault, or name something that does not exist"""


_DEFAULT = click.core.ParameterSource.DEFAULT


@click.command(
    name="batch",
    epilog="\b\nExamples:\n"
    "  imrgen batch cases/ -o letters/               a PDF for each case of a folder\n"
    "  imrgen batch cases.jsonl -o letters/ -f text -f html\n"
    "  imrgen batch 'cases/**/*.toml' -o letters/ --name '{case.claim_number}.{format}'\n"
    "  imrgen batch --retry-failed letters/          once what was at fault is mended\n"
    "  imrgen batch cases.jsonl -o s3://bucket/letters --scheduler tcp://10.0.0.1:8786\n\n"
    + _EXIT_CODES,
)
@click.argument("inputs", metavar="INPUT...", nargs=-1)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    help="A folder, which is made if it is missing, or a URL such as s3://….",
)
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="May be repeated. Default: pdf.",
)
@rendering_options
@click.option(
    "--name",
    default=DEFAULT,
    show_default=True,
    metavar="PATTERN",
    help=f"What the files are called; it may hold {', '.join(f'{{{field}}}' for field in FIELDS)}.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many workers. Default: the cores there are.",
)
@limits_options(timeout=120)
@click.option(
    "--replace-after",
    type=click.IntRange(min=1),
    default=500,
    show_default=True,
    metavar="M",
    help="A worker is replaced after so many cases.",
)
@click.option(
    "--retry-failed",
    metavar="DIR",
    help="Make what failed in the batch of this folder, as it was asked for.",
)
@click.option(
    "--scheduler",
    metavar="URL",
    help="Let a Dask cluster work: tcp://host:port. Needs the extra `dask`.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print an event a line, as JSON, in place of progress."
)
@click.pass_context
def command(
    context: click.Context,
    inputs: tuple[str, ...],
    output: str | None,
    formats: tuple[str, ...],
    options: Options,
    name: str,
    jobs: int | None,
    timeout: float,
    memory: int,
    replace_after: int,
    retry_failed: str | None,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Make the letters of many cases, in many processes.

    INPUT is a case file, a folder, a glob, a .jsonl file (a case a line), or - for JSON Lines on
    standard input.

    A letter is written whole or not at all, and manifest.jsonl tells of each. A case that fails is
    named, and costs no other. Run again, the batch goes on where it was: what is there already and
    unchanged is not made again. Ctrl-C finishes what is under way; a second one stops at once.
    """
    gc.enable()
    if retry_failed is not None and (inputs or output):
        raise click.UsageError(
            "--retry-failed takes all from the batch of its folder; give no INPUT and no -o"
        )
    if retry_failed is None and not (inputs and output):
        raise click.UsageError("name the cases, and with -o the folder of their letters")
    for limit in ("timeout", "memory", "replace_after"):
        if scheduler is not None and context.get_parameter_source(limit) is not _DEFAULT:
            raise click.UsageError(
                f"--{limit.replace('_', '-')} is for imrgen's own workers; those of a Dask cluster "
                "get their limits where they are started"
            )
    spec = options
    asked: BatchOptions = {"to": output, "formats": formats or ("pdf",), "name": name}
    cases = list(inputs)
    if retry_failed is not None:
        cases, spec, asked = _asked(retry_failed)
    with contextlib.ExitStack() as stack:
        if scheduler:
            from imrgen.batch import connect

            asked["executor"] = stack.enter_context(connect(scheduler))
        asked |= {
            "jobs": jobs,
            "timeout": timeout,
            "memory": memory,
            "replace_after": replace_after,
            "standard": sys.stdin.buffer,
        }
        batch = Batch(cases, spec, **asked)
        shown = stack.enter_context(progress(batch, as_json))
        stack.enter_context(warnings.catch_warnings())
        warnings.showwarning = lambda message, *_, **__: click.echo(message, err=True)
        stack.enter_context(_interruptible(batch, shown))
        summary = summarize(batch, shown.tell)
        shown.end(summary)
    sys.exit(1 if summary.failed or summary.stopped else 0)


@contextlib.contextmanager
def _interruptible(batch: Batch, shown: Progress) -> Any:
    """Let the first Ctrl-C finish what is under way, and the second one stop at once."""

    def stop(number: int, frame: object) -> None:
        if batch.stopped:
            raise KeyboardInterrupt
        batch.stop()
        shown.stopping()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        click.echo("stopped at once; run the same command again to go on", err=True)
        sys.exit(1)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _asked(location: str) -> tuple[list[str], Options, BatchOptions]:
    """Read from a folder's manifest what its batch was asked for.

    Raises:
        ManifestError: There is none, or it cannot be asked for again.
    """
    lines = open_target(location).manifest()
    asked: dict[str, Any] = {}
    for record, _, _ in read_manifest(io.BytesIO(lines), f"{location.rstrip('/')}/{MANIFEST}"):
        asked = record.asked or asked
    if not asked:
        raise ManifestError([Diagnostic(codes.NO_BATCH, f"{location} holds no batch")])
    if not asked["inputs"] or "-" in asked["inputs"] or asked["spec"] is None:
        hint = "run `imrgen batch` again with the same cases: what is done is not done again"
        message = f"the cases of {location} came from standard input or a program, and cannot be read again"
        raise ManifestError([Diagnostic(codes.BATCH_NOT_REPEATABLE, message, hints=(hint,))])

    spec = msgspec.convert(asked["spec"], Options)
    folder = Path(asked["folder"])
    here = Path.cwd() == folder
    spec = msgspec.structs.replace(
        spec, templates=tuple(str(folder / each) for each in spec.templates)
    )
    cases = [each if here else str(folder / each) for each in asked["inputs"]]
    return (
        cases,
        spec,
        {"to": location, "formats": asked["formats"], "name": asked["name"], "only_failed": True},
    )
