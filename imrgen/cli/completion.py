"""`imrgen completion`: print the script for a shell's completion, which click provides."""

import click
from click.shell_completion import get_completion_class

from imrgen.cli import cli


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
    completion = get_completion_class(shell)
    assert completion is not None
    click.echo(completion(cli, {}, "imrgen", "_IMRGEN_COMPLETE").source())
