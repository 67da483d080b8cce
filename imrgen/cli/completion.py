"""`imrgen completion`: the shell's side of completion, which click provides."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command(
    name="completion",
    epilog="\b\nExamples:\n"
    '  eval "$(imrgen completion bash)"                                  in ~/.bashrc\n'
    '  eval "$(imrgen completion zsh)"                                   in ~/.zshrc\n'
    "  imrgen completion fish > ~/.config/fish/completions/imrgen.fish",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that lets a shell complete imrgen's commands."""
    from imrgen.cli import cli

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "imrgen", "_IMRGEN_COMPLETE").source())
