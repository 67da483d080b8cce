"""The command line. A command's module is imported when the command is run, or its help is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from typing import IO, NoReturn

import click

from imrgen._version import __version__
from imrgen.diagnostics import ImrgenError, OptionError, report

COMMANDS = {
    "batch": "Make the letters of many cases, in many processes; go on where it was stopped.",
    "check": "Look for what a person would look for before a letter is issued.",
    "completion": "Print the script that lets a shell complete imrgen's commands.",
    "explain": "Explain a code: what it means, why, and how to mend it.",
    "extract": "Give back the case file that a letter brings along.",
    "new": "Write a case file to start from.",
    "packs": "List, show and make template packs.",
    "preview": "Show letters in the browser, and again with every save.",
    "render": "Make the letters of cases, as text, HTML and PDF.",
    "schema": "Print the JSON Schema of a case file, for editors.",
    "sign": "Sign a letter.",
    "verify": "Tell whether letters are as they were made.",
}

EXIT_CODES = """\b
Exit codes:
  0  everything asked for was made
  1  a letter could not be made; what is at fault was reported
  2  the command line or the project's settings are at fault, or name something that does not exist"""


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
        from imrgen.diagnostics import nearest

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
    epilog=EXIT_CODES,
)
@click.version_option(__version__, prog_name="imrgen", message="%(prog)s %(version)s")
def cli() -> None:
    r"""Turn case files into the letters of Independent Medical Review.

    \b
    Start here:
      imrgen new case.toml          a case file that renders as it stands
      imrgen render case.toml       its letter, as case.pdf
    """


def exit_code(error: ImrgenError) -> int:
    """Return 2 where the command line or the project's settings are at fault, else 1."""
    return 2 if isinstance(error, OptionError) else 1


def colours(stream: IO[str]) -> bool:
    """Return whether a stream is a terminal whose user wants colours (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def main() -> NoReturn:
    """Run the command line; the console script `imrgen`."""
    try:
        cli.main(prog_name="imrgen")
    except ImrgenError as error:
        click.echo(report(error.diagnostics, colour=colours(sys.stderr)), err=True, nl=False)
        sys.exit(exit_code(error))
    except Exception as fault:
        if os.environ.get("IMRGEN_TRACEBACK"):
            raise
        # A traceback may quote a case; whoever may see that can ask for it.
        kind = type(fault).__name__
        click.echo(
            f"imrgen: a fault of imrgen's own ({kind}); IMRGEN_TRACEBACK=1 shows where", err=True
        )
        sys.exit(1)
    raise AssertionError("click exits")
