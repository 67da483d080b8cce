"""Whether a letter is as it was made: its seal, and what making it again gives.

A seal shows what was changed by accident. Making the letter again, from its case and with its pack,
shows what was changed by whoever could fill in a seal too, and why an untouched letter differs:
other versions, pack or case.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from imrgen.case import Readable, Source, read
from imrgen.diagnostics import Diagnostic, FileNameError, ReadError, SignatureError, codes, field
from imrgen.document import visible_characters
from imrgen.export import Format, Sealed, find_format, format_of, suffixes, unseal
from imrgen.pipeline import Letter, Renderer
from imrgen.signing import Signature, signatures

VerdictOutcome = Literal["identical", "intact", "same words", "altered", "foreign"]


class Verdict(msgspec.Struct, frozen=True):
    """What was found of a letter.

    Args:
        outcome: `identical`: made again, it is the same to the byte. `intact`: as it was written, and
            not made again. `same words`: made again, it has the same words and other bytes.
            `altered`: it is not as it was made. `foreign`: nothing says that imrgen made it.
        reasons: Why; no value of the case.
        difference: The first words that differ, of the file and of the letter made again; to be
            shown only where the case may be.
        signatures: The signatures of a PDF, sound or not.
    """

    outcome: VerdictOutcome
    reasons: tuple[Diagnostic, ...] = ()
    difference: tuple[str, str] | None = None
    signatures: tuple[Signature, ...] = ()


def verify(
    letter: bytes | str | os.PathLike[str],
    *,
    format: str | None = None,  # noqa: A002 - the word on the command line, too
    case: Source | Readable | None = None,
    templates: Iterable[str | os.PathLike[str]] = (),
    pack: str | None = None,
    roots: Iterable[bytes] = (),
) -> Verdict:
    """Find out whether a letter is as it was made.

    Args:
        letter: The letter's file, or its bytes.
        format: The format's name; `None` for what the file's suffix says.
        case: The case file that it was made of; `None` for the one attached to it, if there is one.
        templates: Folders in front of the built-in packs, as when it was made.
        pack: The pack of a letter in text, which does not name it.
        roots: Certificates to trust in signatures, each as PEM or DER.

    Raises:
        CaseError: The case file cannot be read, or is not valid.
        LibraryError: The letter is signed, but pyHanko is not installed.
        FileNameError: The file's suffix names no format.
        PackError: The pack is not there.
        ReadError: The letter's file cannot be read.
    """
    content, kind = _opened(letter, format)
    sealed = unseal(content) if kind.is_sealed else Sealed({}, len(content), whole=True)
    if sealed is None:
        message = "nothing in this file says that imrgen made it"
        return Verdict("foreign", (Diagnostic(codes.NOT_A_LETTER, message),))
    is_extended = sealed.whole and len(content) > sealed.length
    faults: list[Diagnostic] = []
    held: tuple[Signature, ...] = ()
    if not sealed.whole:
        message = "the file is not as it was written: its seal does not hold"
        faults.append(Diagnostic(codes.SEAL_BROKEN, message))
    elif is_extended and not kind.is_signable:
        message = f"{len(content) - sealed.length} bytes were added behind the letter"
        faults.append(Diagnostic(codes.SEAL_BROKEN, message))
    elif is_extended:
        held, faults = _signatures(content, roots)
    attached = kind.attached(content) if kind.attached else None
    if case is None and attached is not None and sealed.whole:
        case = _named(*attached)
    if case is None:
        return msgspec.structs.replace(_unmade(kind, faults), signatures=held)
    made = _made_again(sealed.provenance, case, templates, pack, embed_case=attached is not None)
    verdict = _compared(content, kind, sealed, made, faults)
    return msgspec.structs.replace(verdict, signatures=held)


def case_file(letter: bytes) -> tuple[str, bytes] | None:
    """Return the name and the bytes of the case file that is attached to a PDF.

    Args:
        letter: The PDF.

    Returns:
        `None` where none is attached, or the file cannot be read.
    """
    attached = find_format("pdf").attached
    return attached(letter) if attached else None


def _opened(
    letter: bytes | str | os.PathLike[str], format_name: str | None
) -> tuple[bytes, Format]:
    if isinstance(letter, bytes):
        return letter, find_format(format_name or "")
    path = Path(letter)
    kind = find_format(format_name) if format_name else format_of(path)
    if kind is None:
        message = f"{path}: the suffix is none of {suffixes()}"
        raise FileNameError([Diagnostic(codes.UNKNOWN_FORMAT, message)])
    try:
        return path.read_bytes(), kind
    except OSError as fault:
        message = f"{path} cannot be read: {fault.strerror}"
        raise ReadError([Diagnostic(codes.LETTER_UNREADABLE, message)]) from None


def _signatures(
    content: bytes, roots: Iterable[bytes]
) -> tuple[tuple[Signature, ...], list[Diagnostic]]:
    """Return the signatures that were added behind a letter, and what of them is not sound."""
    try:
        held = signatures(content, roots)
    except SignatureError as error:
        return (), list(error.diagnostics)
    message = "signature {} does not vouch for the letter as it is"
    return held, [
        Diagnostic(codes.SIGNATURE_UNSOUND, message.format(number))
        for number, each in enumerate(held, start=1)
        if not each.sound
    ]


def _unmade(kind: Format, faults: list[Diagnostic]) -> Verdict:
    """Return the verdict on a letter that cannot be made again for want of its case."""
    if faults:
        return Verdict("altered", tuple(faults))
    if not kind.is_sealed:
        message = "a letter in text says nothing of itself; name its case file"
        return Verdict("foreign", (Diagnostic(codes.NOT_A_LETTER, message),))
    message = "not made again: name its case file for that"
    return Verdict("intact", (Diagnostic(codes.NOT_MADE_AGAIN, message, "warning"),))


def _named(name: str, content: bytes) -> Source:
    stream = io.BytesIO(content)
    stream.name = name
    return read(stream)


def _made_again(
    provenance: Mapping[str, str],
    case: Source | Readable,
    templates: Iterable[str | os.PathLike[str]],
    pack: str | None,
    *,
    embed_case: bool,
) -> Letter:
    """Make a letter again; its checks were run when it was made."""
    return Renderer(
        pack=pack or provenance.get("pack", "").partition(" ")[0] or None,
        letter=provenance.get("letter") or "determination",
        templates=templates,
        check=False,
        embed_case=embed_case,
        embed_fonts=provenance.get("fonts") == "embedded",
    ).render(case)


def _compared(
    content: bytes, kind: Format, sealed: Sealed, letter: Letter, faults: list[Diagnostic]
) -> Verdict:
    """Compare a file with the letter made again, byte by byte, then word by word."""
    made = letter.encoded(kind.name)
    is_same = (
        content[: sealed.length] == made if kind.is_sealed else content.split() == made.split()
    )
    if is_same and not faults:
        return Verdict("identical")
    try:
        held = kind.read(content)
    except ValueError:
        message = "the file cannot be read as what its name says"
        return Verdict("altered", (*faults, Diagnostic(codes.NOT_THE_FORMAT, message)), ("", ""))
    wanted = visible_characters(letter.text)
    if held != wanted:
        words, diagnostic = _difference(held, wanted, letter)
        return Verdict("altered", (*faults, diagnostic), words)
    if faults:
        message = "its words are those of the letter made again"
        return Verdict("altered", (*faults, Diagnostic(codes.SAME_WORDS, message, "warning")))
    now = unseal(made)
    return Verdict("same words", tuple(_changes(sealed.provenance, now.provenance if now else {})))


def _difference(held: str, wanted: str, letter: Letter) -> tuple[tuple[str, str], Diagnostic]:
    """Return the first words that differ, and the diagnostic that says where they come from."""
    pairs = enumerate(zip(held, wanted, strict=False))
    at = next((n for n, (a, b) in pairs if a != b), min(len(held), len(wanted)))
    number, start, word = _word(letter.text, at)
    where = ""
    if origin := letter.origin(at):
        of = f", of `{field(origin.paths[0])}`" if origin.paths else ""
        where = f"{of} ({Path(origin.span.file).name}:{origin.span.line})"
    message = f"its words differ from the letter made again from word {number + 1} on{where}"
    words = held[start : start + max(8, len(word))], word
    return words, Diagnostic(codes.WORDS_DIFFER, message)


def _word(text: str, at: int) -> tuple[int, int, str]:
    """Return the word that holds a visible character: its number, its start, the word itself."""
    start, words = 0, text.split()
    for number, word in enumerate(words):
        size = len(visible_characters(word))
        if start + size > at:
            return number, start, word
        start += size
    return len(words), at, ""


def _changes(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Find what differs between what a letter was made of and what it was made again of."""
    names = {
        "case_sha256": "the case file",
        "pack_sha256": "the pack's files",
        "pack": "the pack",
    }
    for name in sorted({*was, *now} - {"words_sha256"}):
        if was.get(name) == now.get(name):
            continue
        message = f"{name} was {was.get(name, 'not there')}, and is {now.get(name, 'not there')}"
        if name in names:
            message = f"{names[name]} changed since"
        yield Diagnostic(codes.MADE_OTHERWISE, message, "warning")
    if dict(was) == dict(now):
        message = "all versions are the same; another native library, such as HarfBuzz, differs"
        yield Diagnostic(codes.MADE_OTHERWISE, message, "warning")
