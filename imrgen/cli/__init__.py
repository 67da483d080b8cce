"""The command line; a command's module is imported when the command runs or shows its help.

Commands     new, check, render, batch, plan, review, coverage, preview, verify, sign, extract,
             explain, schema, completion; packs, with pack_check
options      options that several commands share, and the reporter of their diagnostics
output       what is written to a file that the user has named, or to standard output
streams      standard input, output and error
progress     the progress of many cases
starter      the case file that people start from, for the fields of any pack
snapshots    the snapshots of a pack's tests, written once changes are accepted
plan_report/ the page about the changes of letters
comparison   two states of letters compared over many cases, for plan and review
plan_output  the changes of letters as text, JSON, Markdown, annotations of GitHub's
coverage_page the page about what cases take of templates
case_page    the page about the fields of a case file
"""

import importlib
import os
import signal
import sys
from typing import IO, NoReturn

import click

from imrgen._version import __version__
from imrgen.cli.streams import prepare
from imrgen.diagnostics import ImrgenError, OptionError, nearest

COMMANDS = {
    "batch": "Render the letters of many cases in several processes; resume after an interruption.",
    "check": "Check cases for mistakes without writing their letters.",
    "completion": "Print the script that lets a shell complete imrgen's commands.",
    "coverage": "Show which parts of a pack's templates no case has reached.",
    "explain": "Explain a code: what it means, why, and how to correct it.",
    "extract": "Write the case file that is attached to a letter.",
    "new": "Write an example case file to start from.",
    "packs": "List, show and create template packs.",
    "plan": "Show what a change of templates does to every letter.",
    "preview": "Show letters in the browser, updated on every save.",
    "render": "Render the letters of cases, as text, HTML and PDF.",
    "review": "Go through the changes of letters one by one, and accept those that are meant.",
    "schema": "Print the JSON Schema of a case file, for editors.",
    "sign": "Sign a letter.",
    "verify": "Check whether letters are unaltered.",
}

EXIT_CODES = """\b
Exit codes:
  0  everything was done
  1  a letter could not be rendered; the problems were reported
  2  the command line or the settings are wrong, or name something that does not exist"""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"imrgen.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] == "help":
            # As in git; `--help` is the documented way.
            args = [*args[1:], "--help"]
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = "; ".join(["", *nearest(args[0], COMMANDS)])
            raise click.UsageError(f"there is no command '{args[0]}'{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Render letters of Independent Medical Review from case files.\n\n\b\n"
    "Start here:\n"
    "  imrgen new case.toml          a case file that renders as it stands\n"
    "  imrgen render case.toml       its letter, as case.pdf",
    epilog=EXIT_CODES,
)
@click.version_option(
    __version__, "-V", "--version", prog_name="imrgen", message="%(prog)s %(version)s"
)
def cli() -> None:
    """Render letters of Independent Medical Review from case files."""


def exit_code(error: ImrgenError) -> int:
    """Return 2 if the command line or the project's settings are wrong, else 1."""
    return 2 if isinstance(error, OptionError) else 1


def colours(stream: IO[str]) -> bool:
    """Return whether a stream is a terminal that shows colours (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _end(number: int, frame: object) -> NoReturn:
    """End the process as after an error, so that no temporary file stays."""
    sys.exit(128 + number)


def main() -> NoReturn:
    """Run the command line; the console script `imrgen`."""
    prepare()
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):  # Windows has none
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)
    try:
        try:
            cli.main(prog_name="imrgen")
        finally:
            sys.stdout.flush()
    except ImrgenError as error:
        from imrgen.diagnostics import report  # loads only when needed

        sys.stderr.write(report(error.diagnostics, colour=colours(sys.stderr)))
        sys.exit(exit_code(error))
    except BrokenPipeError:
        # Whoever read standard output has seen enough, as in `imrgen explain | head`.
        sys.exit(1)
    except Exception as error:
        if os.environ.get("IMRGEN_TRACEBACK"):
            raise
        if isinstance(error, OSError) and isinstance(error.filename, str):
            # A path of the command line that the system does not even look up.
            from imrgen.case import printable  # loads only when needed

            click.echo(f"imrgen: {printable(error.filename)}: {error.strerror}", err=True)
            sys.exit(1)
        # A traceback may quote the case, so it is shown only on request.
        message = f"internal error ({type(error).__name__}); IMRGEN_TRACEBACK=1 shows the traceback"
        click.echo(f"imrgen: {message}", err=True)
        sys.exit(1)
    raise AssertionError("click exits")
