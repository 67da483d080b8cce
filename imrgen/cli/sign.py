"""`imrgen sign`: add a signature to a letter."""

import os
import sys
from pathlib import Path

import click

from imrgen.case import decode_text
from imrgen.cli import EXIT_CODES
from imrgen.cli.options import limited_command
from imrgen.cli.output import write_output
from imrgen.diagnostics import ReadError, codes
from imrgen.signing import sign

VARIABLE = "IMRGEN_PASSPHRASE"
"""The environment variable that may hold the passphrase."""


@click.command(
    name="sign",
    epilog="\b\nExamples:\n"
    "  imrgen sign case.pdf --pkcs12 office.p12     asks for the passphrase\n"
    "  imrgen sign case.pdf --pkcs12 office.p12 -o out.pdf --passphrase-file secret.txt\n"
    '  imrgen sign case.pdf --pkcs12 office.p12 --block "Signature of the Medical Director"\n\n'
    + EXIT_CODES,
)
@limited_command
@click.argument("letter", metavar="LETTER", type=click.Path(path_type=Path))
@click.option(
    "--pkcs12",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help="The signer's private key and certificate (.p12, .pfx).",
)
@click.option(
    "--passphrase-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A file whose first line is the key's passphrase. Default: the environment variable "
    f"{VARIABLE}, or else a prompt.",
)
@click.option(
    "--block",
    metavar="LABEL",
    help="The label of the signature block to sign in. Default: the first empty one.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The signed letter; an existing file is replaced. Default: LETTER-signed.pdf next to the "
    "letter, unless that exists.",
)
def command(
    letter: Path, pkcs12: Path, passphrase_file: Path | None, block: str | None, output: Path | None
) -> None:
    """Sign a letter.

    LETTER is a PDF that imrgen wrote, unaltered; it may already be signed. Its bytes stay the same,
    and the signature (PAdES B-B) is appended. It is visible in the letter's signature block if the
    pack has an empty one. Everyone who opens the letter can read the certificate's name: it must
    not be a reviewer's, whose name is confidential (Labor Code 4610.6(f)).
    """
    target = output or letter.with_name(f"{letter.stem}-signed.pdf")
    if output is None and os.path.lexists(target):
        raise click.UsageError(f"{target} exists; name it with -o to replace it")
    signed = sign(_read(letter), _read(pkcs12), _passphrase(passphrase_file), block)
    write_output(target, signed)


def _passphrase(file: Path | None) -> bytes | None:
    """Return the passphrase; `None` if there is none and no terminal to ask for it."""
    if file is not None:
        return _first_line(file).encode() or None
    if VARIABLE in os.environ:
        return os.environ[VARIABLE].encode(errors="surrogateescape") or None
    if sys.stdin.isatty():
        answer: str = click.prompt(
            "Passphrase", hide_input=True, default="", show_default=False, err=True
        )
        return answer.encode() or None
    return None


def _first_line(file: Path) -> str:
    content = _read(file)
    try:
        return decode_text(content, str(file), ReadError).partition("\n")[0]
    except ReadError:
        # Name neither the byte nor its place: they are part of the passphrase.
        message = f"{file} is not UTF-8"
        raise ReadError.of(codes.NOT_UTF8, message, "save the file as UTF-8") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReadError.of(
            codes.SIGNING_FILE_UNREADABLE,
            f"{path} cannot be read: {error.strerror or type(error).__name__}",
        ) from None
