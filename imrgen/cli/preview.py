"""`imrgen preview`: the letter in the browser, updated after every save."""

import contextlib
import ipaddress
import webbrowser
from pathlib import Path

import click

from imrgen.cli import EXIT_CODES
from imrgen.cli.options import complete_case, limits_options, rendering_options
from imrgen.diagnostics import LibraryError, codes
from imrgen.pipeline import Options, Renderer
from imrgen.workers import Limits, limited, require_workers

VSCODE = "vscode://file{file}:{line}:{column}"


@click.command(
    name="preview",
    epilog="\b\nExamples:\n"
    "  imrgen preview                                the cases of this folder\n"
    "  imrgen preview case.toml --templates my-pack/\n"
    "  imrgen preview cases/ --pack imr-2015\n"
    "  imrgen preview --no-open --print-url          for an editor that opens the page itself\n\n"
    + EXIT_CODES,
)
@click.argument(
    "cases",
    metavar="[CASE|DIR]...",
    nargs=-1,
    type=click.Path(path_type=Path, exists=True),
    shell_complete=complete_case,
)
@rendering_options
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
@click.option(
    "--print-url",
    is_flag=True,
    help="Print the page's address, and nothing else, to standard output.",
)
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on. Any but this machine's own needs --allow-remote.",
)
@click.option(
    "--allow-remote",
    is_flag=True,
    help="Let other machines reach the page. The connection is not encrypted (no TLS): whoever "
    "reads it, or has the page's address, can read and change the cases.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    default=8765,
    show_default=True,
    help="The port; 0 for any free port.",
)
@click.option(
    "--editor",
    metavar="URL|COMMAND",
    default=VSCODE,
    show_default=True,
    envvar="IMRGEN_EDITOR",
    help="The URL or command that opens a file in your editor; {file}, {line} and {column} are "
    "filled in. The environment variable IMRGEN_EDITOR sets it, too.",
)
@limits_options(timeout=10)
def command(
    cases: tuple[Path, ...],
    options: Options,
    no_open: bool,
    print_url: bool,
    host: str,
    allow_remote: bool,
    port: int,
    editor: str,
    timeout: float,
    memory: int,
) -> None:
    """Show letters in the browser, updated on every save.

    The page shows the letters of the given case files, or of the case files in the given folders;
    by default, of those in the current folder. Nothing leaves this machine.
    """
    if not _is_loopback(host):
        if not allow_remote:
            raise click.UsageError(
                f"other machines could reach {host}; write --allow-remote if they may, or listen "
                "on 127.0.0.1 and use an SSH tunnel"
            )
        click.echo(
            "warning: the connection is not encrypted; whoever reads it can read and change the "
            "cases",
            err=True,
        )
    require_workers()
    try:
        from imrgen.preview import Editor, Workspace, serve
    except ModuleNotFoundError as error:
        raise LibraryError.of(
            codes.EXTRA_MISSING,
            f"the preview needs packages that are not installed: {error.name}",
            'install them with `pip install "imrgen[preview]"`',
        ) from None

    def ready(url: str) -> None:
        click.echo(
            url if print_url else f"Showing letters at {url} (Ctrl+C ends it)", err=not print_url
        )
        if not no_open:
            webbrowser.open(url)

    try:
        opener = Editor(editor)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--editor") from None
    limits = Limits(timeout, memory)
    with limited(limits):
        Renderer(options)  # raises if there is no such pack, letter or check
    workspace = Workspace(cases or (Path(),), options)
    serve(workspace, host=host, port=port, editor=opener, limits=limits, ready=ready)


def _is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host.lower() == "localhost"
