"""`imrgen packs check`: look for mistakes in a template pack."""

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from imrgen.case import Source, parse
from imrgen.cli import EXIT_CODES
from imrgen.cli.options import (
    RENDERING,
    Reporter,
    complete_pack,
    count_of,
    expand_folders,
    read_case,
    report_options,
    templates_option,
)
from imrgen.cli.starter import starter_of
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    LibraryError,
    OptionError,
    PackError,
    ReportFormat,
)
from imrgen.pack import ALL_LETTERS, EngineName, TemplatePack, load_pack
from imrgen.pipeline import Coverage, Options, check_pack, renderers, settings


@click.command(
    name="check",
    epilog="\b\nExamples:\n"
    "  imrgen packs check --templates acme\n"
    "  imrgen packs check acme --templates packs/ --cases cases/\n"
    "  imrgen packs check imr --templates changes/ --output-format short\n\n" + EXIT_CODES,
)
@click.argument("name", metavar="[PACK]", required=False, shell_complete=complete_pack)
@templates_option
@click.option(
    "--cases",
    multiple=True,
    type=click.Path(),
    metavar="CASE",
    help="Also make every letter of these cases, or of the cases of a folder. May be repeated.",
)
@click.option(
    "--no-pages",
    is_flag=True,
    help="Do without what sets PDFs: faster, but what it would ignore in a style sheet, and "
    "problems of the pages of --cases, are not found.",
)
@RENDERING["engine"]
@report_options
def command(
    name: str | None,
    templates: tuple[Path, ...],
    cases: tuple[str, ...],
    no_pages: bool,
    engine: EngineName | None,
    output_format: ReportFormat,
    show_values: bool,
) -> None:
    """Check a pack for mistakes without a case.

    Every template is compiled, also one that no letter reaches. Reported are names that no case can
    give a value, files that are missing or not used, styles without effect, and fields that a
    letter requires and does not read, or prints and does not require. Without --cases, the letters
    of an example case are made, which shows malformed HTML and hidden words. The exit code is 1 if
    there is an error; a person should look at warnings.
    """
    reporter = Reporter(output_format, sys.stdout, show_values)
    engine = engine or settings(Path.cwd())[0].pdf.engine
    counts: Counter[str] = Counter()
    files: list[str] = []
    coverage: Coverage | None = None
    try:
        pack = load_pack(name, templates)
    except PackError as error:
        if isinstance(error, OptionError):
            raise
        found: list[Diagnostic] = [*error.diagnostics]
    else:
        found = _pack_faults(pack, not no_pages, engine)
    # Of a pack that is at fault no letter can be made.
    is_sound = all(each.severity != "error" for each in found)
    if is_sound:
        files, _ = expand_folders(cases)
        if not files and pack.merged("letters"):
            examples = _example_faults(pack, not no_pages, engine)
            # What stops a letter is told as that, and not as what might.
            told = {(each.code, each.span) for each in examples}
            found = [each for each in found if (each.code, each.span) not in told] + examples
    counts.update(diagnostic.severity for diagnostic in found)
    reporter.write(found)
    if is_sound:
        options = Options(engine=engine)
        coverage = Coverage(renderers(options, [ALL_LETTERS], loaded_pack=pack)) if files else None
        for source, diagnostics in _cases_faults(files, pack, coverage, not no_pages, engine):
            counts.update(diagnostic.severity for diagnostic in diagnostics)
            reporter.write(diagnostics, source)
    reporter.close()
    if output_format == "text":
        checked = f"pack and {count_of(len(files), 'case')}" if files else "pack"
        skipped = "; no case was checked" if cases and not files else ""
        errors, warnings = (count_of(counts[each], each) for each in ("error", "warning"))
        click.echo(f"{checked} checked: {errors}, {warnings}{skipped}", err=True)
        if coverage is not None:
            report = coverage.report()
            taken = f"{report.percent} % of the templates' branches taken"
            click.echo(f"{taken}; `imrgen coverage` names the others", err=True)
    sys.exit(1 if counts["error"] else 0)


def _pack_faults(pack: TemplatePack, pages: bool, engine: EngineName | None) -> list[Diagnostic]:
    """Return what is wrong with a pack; without pages where a library for these is missing."""
    try:
        return [*check_pack(pack, pages=pages, engine=engine)]
    except LibraryError as error:
        return [*error.diagnostics, *check_pack(pack, pages=False)]


def _example_faults(pack: TemplatePack, pages: bool, engine: EngineName | None) -> list[Diagnostic]:
    """Return what is wrong with the pack where it makes the letters of its example case."""
    source = parse(starter_of(pack, whole=True), "case.toml")
    found: dict[object, Diagnostic] = {}
    options = Options(draft=True, engine=engine)
    with contextlib.suppress(LibraryError):  # told before
        for renderer in renderers(options, [ALL_LETTERS], loaded_pack=pack):
            for each in renderer.check(source, formats=("pdf",) if pages else ()):
                if each.span and pack.at(each.span.file):
                    # What several letters and packets have in common is told once.
                    found.setdefault((each.code, each.span), each)
    return [*found.values()]


def _cases_faults(
    files: list[str],
    pack: TemplatePack,
    coverage: Coverage | None,
    pages: bool,
    engine: EngineName | None,
) -> Iterator[tuple[Source | None, list[Diagnostic]]]:
    """Make the letters of cases, and yield what is wrong with those of each.

    Args:
        files: The cases.
        pack: The pack.
        coverage: Notes what they take of the templates; `None` without cases.
        pages: Whether pages are set.
        engine: What sets them; `None` for what the pack says.
    """
    chosen = renderers(Options(engine=engine), [ALL_LETTERS], loaded_pack=pack) if files else ()
    formats = ("pdf",) if pages else ()
    for file in files:
        source: Source | None = None
        found: dict[Diagnostic, None] = {}
        try:
            source = read_case(file)
            for renderer in chosen:
                found |= dict.fromkeys(renderer.check(source, formats=formats))
            if coverage is not None:
                coverage.add(file, coverage.examine(source).ways)
        except CaseError as error:
            found |= dict.fromkeys(error.diagnostics)
        yield source, [*found]
