"""Whether a letter is as it was made: its seal, and what making it again gives.

A seal tells what was changed by accident. Making the letter again, of its case and with its pack,
tells what was changed by whoever could fill in a seal too, and why an untouched letter differs:
other versions, pack or case.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from imrgen.case import Source, load_case, read
from imrgen.diagnostics import Diagnostic, SignatureError, codes, field
from imrgen.export import Format, Sealed, unseal
from imrgen.pipeline import Letter, Renderer
from imrgen.signing import Signature

Outcome = Literal["identical", "intact", "same words", "altered", "foreign"]


class Verdict(msgspec.Struct, frozen=True):
    """What was found of a letter.

    Args:
        outcome: `identical`: made again, it is the same to the byte. `intact`: as it was written,
            and not made again. `same words`: made again, it has the same words and other bytes.
            `altered`: it is not as it was made. `foreign`: nothing says that imrgen made it.
        reasons: Why; no value of the case.
        difference: The first words that differ, of the file and of the letter made again; to be
            shown only where the case may be.
        signatures: The signatures of a PDF, sound or not.
    """

    outcome: Outcome
    reasons: tuple[Diagnostic, ...] = ()
    difference: tuple[str, str] | None = None
    signatures: tuple[Signature, ...] = ()


def verify(
    content: bytes,
    format_: Format,
    case: Source | None = None,
    templates: Iterable[str | Path] = (),
    pack: str | None = None,
    roots: Iterable[bytes] = (),
) -> Verdict:
    """Tell whether a letter is as it was made.

    Args:
        content: The letter's file.
        format_: What it is.
        case: The case file that it was made of; `None` for the one that it brings along, if it
            does.
        templates: Folders in front of the built-in packs, as when it was made.
        pack: The pack of a letter in text, which does not say it.
        roots: Certificates to trust in signatures, each as PEM or DER.

    Raises:
        CaseError: The case file cannot be read, or is not valid.
        LibraryError: The letter is signed, but pyHanko is not installed.
        PackError: The pack is not there.
    """
    sealed = unseal(content) if format_ != "text" else Sealed({}, len(content), whole=True)
    if sealed is None:
        return Verdict(
            "foreign", (_said(codes.NOT_A_LETTER, "nothing in this file says that imrgen made it"),)
        )
    found, held = list(_broken(content, format_, sealed)), tuple[Signature, ...]()
    if sealed.whole and format_ == "pdf" and len(content) > sealed.length:
        held, faults = _signed(content, roots)
        found += faults
    verdict = _compared(content, format_, sealed, found, case, templates, pack)
    return msgspec.structs.replace(verdict, signatures=held)


def _compared(
    content: bytes,
    format_: Format,
    sealed: Sealed,
    found: list[Diagnostic],
    case: Source | None,
    templates: Iterable[str | Path],
    pack: str | None,
) -> Verdict:
    """Make a letter again if there is a case file, and compare."""
    attached = case_file(content) if format_ == "pdf" else None
    if case is None and attached is not None and sealed.whole:
        case = _read(*attached)
    if case is None:
        if found:
            return Verdict("altered", tuple(found))
        if format_ == "text":
            message = "a letter in text says nothing of itself; name its case file"
            return Verdict("foreign", (_said(codes.NOT_A_LETTER, message),))
        return Verdict(
            "intact",
            (
                _said(
                    codes.NOT_MADE_AGAIN, "not made again: name its case file for that", "warning"
                ),
            ),
        )
    letter = _again(
        sealed.provenance, case, templates, pack, format_, embedded=attached is not None
    )
    made = letter.encoded(format_)
    same = (
        content[: sealed.length] == made if format_ != "text" else content.split() == made.split()
    )
    if same and not found:
        return Verdict("identical")
    difference = _first_difference(content, format_, letter)
    if difference is not None:
        words, diagnostic = difference
        return Verdict("altered", (*found, diagnostic), words)
    if found:
        return Verdict(
            "altered",
            (
                *found,
                _said(codes.SAME_WORDS, "its words are those of the letter made again", "warning"),
            ),
        )
    now = unseal(made)
    return Verdict(
        "same words", tuple(_why(sealed.provenance, now.provenance if now else {}, format_))
    )


def _said(
    code: str, message: str, severity: Literal["error", "warning"] = "error", hint: str = ""
) -> Diagnostic:
    return Diagnostic(code, message, severity, hints=(hint,) if hint else ())


def _broken(content: bytes, format_: Format, sealed: Sealed) -> Iterable[Diagnostic]:
    """Say where a file is not as it was written."""
    if not sealed.whole:
        yield _said(codes.SEAL_BROKEN, "the file is not as it was written: its seal does not hold")
    elif len(content) > sealed.length and format_ != "pdf":
        yield _said(
            codes.SEAL_BROKEN, f"{len(content) - sealed.length} bytes were added behind the letter"
        )


def _signed(
    content: bytes, roots: Iterable[bytes]
) -> tuple[tuple[Signature, ...], list[Diagnostic]]:
    """Look at what was added behind a letter, and say what of it is no sound signature."""
    from imrgen.signing import signatures

    try:
        held = signatures(content, roots)
    except SignatureError as error:
        return (), list(error.diagnostics)
    message = "signature {} does not vouch for the letter as it is"
    faults = [
        _said(codes.SIGNATURE_UNSOUND, message.format(n))
        for n, one in enumerate(held, start=1)
        if not one.sound
    ]
    return held, faults


def _read(name: str, content: bytes) -> Source:
    stream = io.BytesIO(content)
    stream.name = name
    return read(stream)


def case_file(content: bytes) -> tuple[str, bytes] | None:
    """Give the case file that a PDF brings along: its name and its bytes.

    Args:
        content: The PDF.

    Returns:
        `None` where it brings none, or cannot be read.
    """
    from imrgen.export.pdf.engine import alone
    from imrgen.export.pdf.readback import Reading, Unreadable

    with alone():
        try:
            with Reading(content) as reading:
                for name in ("case.toml", "case.json"):
                    data = reading.attachment(name)
                    if data is not None:
                        return name, data
        except Unreadable:
            return None
    return None


def _again(
    provenance: Mapping[str, str],
    case: Source,
    templates: Iterable[str | Path],
    pack: str | None,
    format_: Format,
    *,
    embedded: bool,
) -> Letter:
    """Make a letter again; its checks were run when it was made."""
    name = pack or provenance.get("pack", "").partition(" ")[0] or None
    renderer = Renderer(
        name,
        provenance.get("letter") or "determination",
        templates=templates,
        check=False,
        embed_case=embedded,
        embed_fonts=format_ == "html" and provenance.get("fonts") == "embedded",
    )
    return renderer.render(load_case(case))


def _first_difference(
    content: bytes, format_: Format, letter: Letter
) -> tuple[tuple[str, str], Diagnostic] | None:
    """Find the first words of a file that differ from the letter's."""
    from imrgen.document import visible_characters

    try:
        held = visible_characters(_text(content, format_))
    except ValueError:
        return ("", ""), _said(
            codes.NOT_THE_FORMAT, "the file cannot be read as what its name says"
        )
    wanted = visible_characters(letter.text)
    if held == wanted:
        return None
    at = next(
        (n for n, (a, b) in enumerate(zip(held, wanted, strict=False)) if a != b),
        min(len(held), len(wanted)),
    )
    number, start, word = _word(letter.text, at)
    origin = letter.origin(at)
    where = f", of `{field(origin.paths[0])}`" if origin is not None and origin.paths else ""
    place = f" ({Path(origin.span.file).name}:{origin.span.line})" if origin is not None else ""
    message = f"its words differ from the letter made again from word {number + 1} on{where}{place}"
    return (held[start : start + max(8, len(word))], word), _said(codes.WORDS_DIFFER, message)


def _word(text: str, at: int) -> tuple[int, int, str]:
    """Find the word of a visible character: its number, its first visible character, itself."""
    from imrgen.document import visible_characters

    start, words = 0, text.split()
    for number, word in enumerate(words):
        size = len(visible_characters(word))
        if start + size > at:
            return number, start, word
        start += size
    return len(words), at, ""


def _text(content: bytes, format_: Format) -> str:
    if format_ == "pdf":
        from imrgen.export.pdf.engine import alone
        from imrgen.export.pdf.readback import Reading

        with alone(), Reading(content) as reading:
            return "".join(reading.page_characters())
    text = content.decode()
    if format_ == "html":
        from imrgen.document import VisibleText, parse

        return VisibleText(parse(text)).characters()
    return text


def _why(was: Mapping[str, str], is_: Mapping[str, str], format_: Format) -> Iterable[Diagnostic]:
    """Say what differs between what a letter was made of and what it was made again of."""
    names = {
        "case_sha256": "the case file",
        "pack_sha256": "the pack's files",
        "pack": "the pack",
        "words_sha256": "",
    }
    for name in sorted({*was, *is_}):
        if was.get(name) != is_.get(name) and name != "words_sha256":
            if name in names:
                yield _said(codes.MADE_OTHERWISE, f"{names[name]} changed since", "warning")
            else:
                message = (
                    f"{name} was {was.get(name, 'not there')}, and is {is_.get(name, 'not there')}"
                )
                yield _said(codes.MADE_OTHERWISE, message, "warning")
    if format_ == "pdf" and dict(was) == dict(is_):
        yield _said(
            codes.MADE_OTHERWISE,
            "all versions are the same; another native library, such as HarfBuzz, differs",
            "warning",
        )
