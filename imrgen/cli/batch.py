"""`imrgen batch`: the letters of many cases."""

import contextlib
import gc
import io
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from imrgen.batch import (
    DEFAULT_PATTERN,
    PATTERN_FIELDS,
    Batch,
    BatchOptions,
    read_manifest,
)
from imrgen.batch.outputs import MANIFEST, open_target
from imrgen.cli.options import (
    Reporter,
    complete_case,
    letters_options,
    limits_options,
    report_options,
    tell_checks,
)
from imrgen.cli.output import STANDARD
from imrgen.cli.progress import Events, Progress, progress
from imrgen.diagnostics import ManifestError, ReportFormat, codes
from imrgen.export import FORMATS
from imrgen.pipeline import Options
from imrgen.workers import Limits, limited

_EXIT_CODES = """\b
Exit codes:
  0  every case has its letters
  1  a case has none, or the batch was stopped; the reasons are on standard error
  2  the command line or the project's settings are not valid, or name something that does not
     exist"""


@click.command(
    name="batch",
    epilog="\b\nExamples:\n"
    "  imrgen batch cases/ -o letters/               a PDF for each case of a folder\n"
    "  imrgen batch cases.jsonl -o letters/ -f text -f html\n"
    "  imrgen batch 'cases/**/*.toml' -o letters/ --name '{case.claim_number}.{format}'\n"
    "  imrgen batch --retry-failed letters/          once the failed cases are corrected\n"
    "  imrgen batch cases.jsonl -o s3://bucket/letters --scheduler tcp://10.0.0.1:8786\n\n"
    + _EXIT_CODES,
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, shell_complete=complete_case)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    help="A folder, which is created if it does not exist, or a URL such as s3://….",
)
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="May be repeated. Default: pdf.",
)
@letters_options
@click.option(
    "--name",
    default=DEFAULT_PATTERN,
    show_default=True,
    metavar="PATTERN",
    help="The names of the files, with the fields "
    f"{', '.join(f'{{{field}}}' for field in PATTERN_FIELDS)}.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="The number of workers. Default: the number of cores.",
)
@limits_options(timeout=120)
@click.option(
    "--replace-after",
    type=click.IntRange(min=1),
    default=500,
    show_default=True,
    metavar="M",
    help="The number of cases after which a worker is replaced.",
)
@click.option(
    "--retry-failed",
    metavar="DIR",
    help="Run the batch of this folder again for the cases that failed, with the same options.",
)
@click.option(
    "--scheduler",
    metavar="URL",
    help="Use the workers of a Dask cluster: tcp://host:port. Needs the extra `dask`.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print events, one JSON object per line, not progress."
)
@report_options
@click.pass_context
def command(
    context: click.Context,
    inputs: tuple[str, ...],
    output: str | None,
    formats: tuple[str, ...],
    options: Options,
    letters: tuple[str, ...],
    name: str,
    jobs: int | None,
    timeout: float,
    memory: int,
    replace_after: int,
    retry_failed: str | None,
    scheduler: str | None,
    as_json: bool,
    output_format: ReportFormat,
    show_values: bool,
) -> None:
    """Render the letters of many cases in several processes; resume after an interruption.

    INPUT is a case file, a folder, a glob, a .jsonl file (one case per line), or - for JSON Lines
    on standard input.

    A letter is written completely or not at all, and has a line in manifest.jsonl. A case that
    fails is reported, and does not affect others. If the batch is run again, letters that exist and
    are unchanged are not made again. Ctrl-C finishes the cases in progress; a second one stops at
    once.
    """
    gc.enable()
    if retry_failed is not None and (inputs or output):
        raise click.UsageError("--retry-failed repeats the batch of its folder; omit INPUT and -o")
    if retry_failed is None and not (inputs and output):
        raise click.UsageError("name the cases, and the folder of their letters with -o")
    if as_json and (show_values or output_format != "text"):
        raise click.UsageError(
            "--json prints the diagnostics in its events; omit --output-format and --show-values"
        )
    for limit in ("timeout", "memory", "replace_after"):
        is_default = context.get_parameter_source(limit) is click.core.ParameterSource.DEFAULT
        if scheduler is not None and not is_default:
            raise click.UsageError(
                f"--{limit.replace('_', '-')} is for imrgen's own workers; those of a Dask cluster "
                "have the limits with which they are started"
            )
    batch_options: BatchOptions = {
        "to": output,
        "formats": formats or ("pdf",),
        "name": name,
        "letters": letters,
    }
    cases = list(inputs)
    if retry_failed is not None:
        cases, options, batch_options = _read_arguments(retry_failed)
        selects = {MANIFEST: options.select} if options.check else None
        tell_checks(selects, {MANIFEST: options.ignore}, MANIFEST)
    with contextlib.ExitStack() as stack:
        if scheduler:
            from imrgen.batch import connect

            batch_options["executor"] = stack.enter_context(connect(scheduler))
        batch_options |= {
            "jobs": jobs,
            "timeout": timeout,
            "memory": memory,
            "replace_after": replace_after,
            "standard": sys.stdin.buffer,
        }
        with limited(Limits(timeout, memory)):  # templates are compiled here, too
            batch = Batch(cases, options, **batch_options)
        reporter = Reporter(output_format, sys.stderr, show_values)
        shown = contextlib.nullcontext(Events(batch)) if as_json else progress(batch, reporter)
        with shown as display, _interruptible(batch, display):
            for outcome in stack.enter_context(contextlib.closing(iter(batch))):
                display.update(outcome)
                if outcome.failed and not as_json:
                    reporter.write(outcome.diagnostics)
    reporter.close()
    display.end(output or retry_failed or "", is_repeatable=STANDARD not in cases)
    sys.exit(1 if display.failed or batch.stopped else 0)


@contextlib.contextmanager
def _interruptible(batch: Batch, display: Progress) -> Iterator[None]:
    """Make the first Ctrl-C finish the cases in progress, and the second one stop at once."""

    def stop(number: int, frame: object) -> None:
        if batch.stopped:
            raise KeyboardInterrupt
        batch.stop()
        display.stopping()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _read_arguments(location: str) -> tuple[list[str], Options, BatchOptions]:
    """Return the arguments of the batch of a folder, from its manifest.

    Raises:
        ManifestError: There is no batch, or its cases cannot be read again.
    """
    lines = io.BytesIO(open_target(location).manifest())
    asked = None
    for record, _, _ in read_manifest(lines, f"{location.rstrip('/')}/{MANIFEST}"):
        asked = record.asked or asked
    if asked is None:
        raise ManifestError.of(codes.NO_BATCH, f"{location} has no batch")
    if not asked.inputs or "-" in asked.inputs or asked.spec is None:
        raise ManifestError.of(
            codes.BATCH_NOT_REPEATABLE,
            f"the cases of {location} came from standard input or a program, and cannot be read "
            "again",
            "run `imrgen batch` again with the same cases: letters that exist are not made again",
        )
    try:
        options = msgspec.convert(asked.spec, Options)
    except msgspec.ValidationError:
        raise ManifestError.of(
            codes.BATCH_NOT_REPEATABLE,
            f"the options of the batch of {location} are not those of this version of imrgen",
            "run `imrgen batch` again with the same cases: letters that exist are not made again",
        ) from None
    if options.context:
        raise ManifestError.of(
            codes.BATCH_NOT_REPEATABLE,
            f"the batch of {location} was given a context, of which its manifest has a digest only",
            "run `imrgen batch` again with the same cases and --context: letters that exist are "
            "not made again",
        )
    folder = Path(asked.folder)
    templates = tuple(str(folder / each) for each in options.templates)
    is_here = Path.cwd() == folder
    return (
        [each if is_here else str(folder / each) for each in asked.inputs],
        msgspec.structs.replace(options, templates=templates),
        {
            "to": location,
            "formats": asked.formats,
            "name": asked.name,
            "letters": asked.letters,
            "only_failed": True,
        },
    )
