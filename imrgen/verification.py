"""Verify a letter: check its seal, render it again, and compare.

A seal reveals accidental changes. Rendering the letter again, from its case and with its pack,
reveals changes by somebody who could also write a seal, and explains why an unaltered letter
differs: other versions, another pack or another case.
"""

import contextlib
import functools
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from imrgen.case import Readable, Source, read
from imrgen.diagnostics import (
    Diagnostic,
    FileNameError,
    LimitError,
    ReadError,
    SignatureError,
    codes,
    field,
)
from imrgen.document import as_read_back, first_difference, visible_characters
from imrgen.export import (
    Format,
    Sealed,
    find_format,
    format_of,
    suffixes,
    unseal,
)
from imrgen.pack import TemplatePack, Templates
from imrgen.pipeline import Letter, OptionFields, Renderer, checked_as, engine_of
from imrgen.signing import Signature, signatures
from imrgen.workers import Failure, Limits, Pool

VerdictOutcome = Literal["identical", "intact", "same words", "altered", "foreign"]

_MOST_DIGITS = 9
"""Those of a recipient's number: Python reads no number of thousands."""


class Verdict(msgspec.Struct, frozen=True):
    """The result of a verification.

    Args:
        outcome: `identical`: rendered again, it has the same bytes. `intact`: unchanged since it
            was written, and not rendered again. `same words`: rendered again, it has the same words
            in other bytes. `altered`: it was changed. `foreign`: it does not come from imrgen.
        reasons: Why; no value of the case.
        difference: The first words that differ, in the file and in the letter rendered again; they
            are confidential like the case.
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
    templates: Templates | Iterable[Templates] = (),
    pack: str | TemplatePack | None = None,
    letter_name: str | None = None,
    recipient: int = 0,
    overrides: Mapping[str, str] | None = None,
    context: Mapping[str, Any] | None = None,
    filters: Mapping[str, Callable[..., Any] | str] | None = None,
    globals: Mapping[str, Callable[..., Any] | str] | None = None,  # noqa: A002 - as in `Options`
    roots: Iterable[bytes] = (),
    limits: Limits | None = None,
) -> Verdict:
    """Check whether a letter is unaltered.

    Args:
        letter: The letter's file, or its bytes.
        format: The format's name; `None` to recognize it by the file's suffix.
        case: The case file of the letter; `None` for the attached one, if there is one.
        templates: Where packs are looked up first, as when the letter was rendered.
        pack: The pack of a letter in text, which does not name it; or a pack that is loaded.
        letter_name: The name in its pack of a letter in text.
        recipient: The number of the recipient of a letter in text; 0 for none.
        overrides: The texts that were overridden in a letter in text, which does not name them.
        context: The values that the program gave to the templates, of which the letter has only a
            digest.
        filters: The program's filters; nothing that a file names is imported.
        globals: The program's functions, likewise.
        roots: Certificates to trust in signatures, each as PEM or DER.
        limits: The limits of a worker process, in which the words are read of a file that is not
            the letter rendered again, byte by byte, so that anybody may have written it; `None` to
            read it in this process, without limits.

    Raises:
        CaseError: The case file cannot be read, or is not valid.
        LibraryError: The letter is signed, but pyHanko is not installed.
        LimitError: The file's words are not read within the limits.
        FileNameError: The file's suffix names no format.
        PackError: The pack does not exist.
        ReadError: The letter's file cannot be read.
    """
    content, file_format = _read(letter, format)
    sealed = unseal(content) if file_format.is_sealed else Sealed({}, len(content), whole=True)
    if sealed is None:
        message = "the file has no seal of imrgen's"
        return Verdict("foreign", (Diagnostic(codes.NOT_A_LETTER, message),))
    if sealed.is_draft:
        message = "the file is a draft, which was not issued and has no seal"
        return Verdict("foreign", (Diagnostic(codes.NOT_A_LETTER, message),))
    added = len(content) - sealed.length
    faults: list[Diagnostic] = []
    signed: tuple[Signature, ...] = ()
    if not sealed.whole:
        faults.append(
            Diagnostic(
                codes.SEAL_BROKEN,
                "the file was changed after it was written: its seal does not match",
            )
        )
    elif added and not file_format.is_signable:
        faults.append(Diagnostic(codes.SEAL_BROKEN, f"{added} bytes were appended to the letter"))
    elif added:
        signed, faults = _signatures(content, roots)
    attached = None
    if sealed.whole and file_format.attached:
        attached = file_format.attached(content[: sealed.length])
    if case is None and attached is not None:
        case = _source(*attached)
    if case is None:
        verdict = _without_case(file_format, faults)
    else:
        host: OptionFields = {
            "context": context or {},
            "filters": filters or {},
            "globals": globals or {},
        }
        name = pack if isinstance(pack, str) else None
        said = {"pack": name, "letter": letter_name, "recipient": recipient and str(recipient)}
        stated = {**sealed.provenance, **{name: text for name, text in said.items() if text}}
        if missing := _missing(stated, host):
            verdict = _not_rendered_again(missing, faults)
        else:
            loaded = pack if isinstance(pack, TemplatePack) else None
            given = _given(stated, loaded, templates, overrides)
            embedded: OptionFields = {"embed_case": attached is not None}
            again = _render_again(stated, case, {**host, **given, **embedded})
            read_words = functools.partial(_read_words, file_format, limits)
            verdict = _compare(content, file_format, sealed, again, faults, read_words)
    return msgspec.structs.replace(verdict, signatures=signed)


def case_file(letter: bytes) -> tuple[str, bytes] | None:
    """Return the name and the content of the case file that is attached to a letter in PDF.

    Returns:
        `None` if there is none.

    Raises:
        ReadError: The file is not a letter of imrgen's, or was changed, so that the attached file
            need not be the one that the letter was made with.
    """
    sealed = unseal(letter)
    if sealed is None or sealed.is_draft:
        raise ReadError.of(codes.NOT_A_LETTER, "the file has no seal of imrgen's")
    if not sealed.whole:
        raise ReadError.of(
            codes.SEAL_BROKEN,
            "the letter was changed after it was written: its seal does not match",
            "its case file may have been changed, too; a PDF reader can save what is attached",
        )
    attached = find_format("pdf").attached
    return attached(letter[: sealed.length]) if attached else None


def _read(letter: bytes | str | os.PathLike[str], format_name: str | None) -> tuple[bytes, Format]:
    if isinstance(letter, bytes):
        return letter, find_format(format_name or "")
    path = Path(letter)
    file_format = find_format(format_name) if format_name else format_of(path)
    if file_format is None:
        raise FileNameError.of(
            codes.UNKNOWN_FORMAT, f"{path}: expected a file that ends in one of {suffixes()}"
        )
    try:
        return path.read_bytes(), file_format
    except OSError as error:
        raise ReadError.of(
            codes.LETTER_UNREADABLE, f"{path} cannot be read: {error.strerror}"
        ) from None


def _signatures(
    content: bytes, roots: Iterable[bytes]
) -> tuple[tuple[Signature, ...], list[Diagnostic]]:
    """Return the signatures appended to a letter, and a diagnostic for each unsound one."""
    try:
        signed = signatures(content, roots)
    except SignatureError as error:
        return (), list(error.diagnostics)
    message = "signature {} does not cover the letter as it is"
    return signed, [
        Diagnostic(codes.SIGNATURE_UNSOUND, message.format(number))
        for number, signature in enumerate(signed, start=1)
        if not signature.sound
    ]


def _without_case(file_format: Format, faults: list[Diagnostic]) -> Verdict:
    """Return the verdict on a letter that cannot be rendered again without its case."""
    if faults:
        return Verdict("altered", tuple(faults))
    if not file_format.is_sealed:
        message = "a letter in text has no seal; name its case file"
        return Verdict("foreign", (Diagnostic(codes.NOT_A_LETTER, message),))
    message = "not rendered again: name its case file for that"
    return Verdict("intact", (Diagnostic(codes.NOT_RENDERED_AGAIN, message, "warning"),))


def _source(name: str, content: bytes) -> Source:
    stream = io.BytesIO(content)
    stream.name = name
    return read(stream)


def _given(
    provenance: Mapping[str, str],
    pack: TemplatePack | None,
    templates: Templates | Iterable[Templates],
    overrides: Mapping[str, str] | None,
) -> OptionFields:
    """Return the options of a letter's pack."""
    texts = overrides or _overrides(provenance)
    if pack is not None:
        return {"pack": pack, "overrides": texts}
    name = provenance.get("pack", "").partition(" ")[0] or None
    return {"pack": name, "templates": templates, "overrides": texts}


def _missing(provenance: Mapping[str, str], given: OptionFields) -> list[str]:
    """Return what a letter was made with that is not in it, and that the caller does not give."""
    stated = {"context": "context_sha256", "filters": "filters", "globals": "globals"}
    return [
        f"`{name}`" for name, key in stated.items() if key in provenance and not given.get(name)
    ]


def _not_rendered_again(missing: Iterable[str], faults: list[Diagnostic]) -> Verdict:
    if faults:
        return Verdict("altered", tuple(faults))
    message = (
        f"not rendered again: the program that made it gave {', '.join(missing)} to its templates; "
        "give the same"
    )
    return Verdict("intact", (Diagnostic(codes.NOT_RENDERED_AGAIN, message, "warning"),))


def _render_again(
    provenance: Mapping[str, str], case: Source | Readable, given: OptionFields
) -> Letter:
    """Render a letter again, without the checks; it says those that it was first rendered with."""
    chosen: OptionFields = {
        **given,
        "letter": provenance.get("letter", ""),
        "check": False,
        "recipient": _recipient(provenance),
        "embed_fonts": provenance.get("fonts") == "embedded",
        "engine": engine_of(provenance),
    }
    letter = Renderer(**chosen).render(case)
    letter.options = checked_as(letter.options, provenance)
    return letter


def _recipient(provenance: Mapping[str, str]) -> int:
    """Return the number of the recipient that a letter was made for; 0 where it is of none."""
    number = provenance.get("recipient", "")
    return int(number) if number.isdecimal() and len(number) <= _MOST_DIGITS else 0


def _overrides(provenance: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that were overridden in a letter; none where that cannot be read."""
    try:
        return msgspec.json.decode(provenance.get("overrides", "{}"), type=dict[str, str])
    except msgspec.MsgspecError:
        return {}


def _read_words(file_format: Format, limits: Limits | None, content: bytes) -> str:
    """Return the visible characters of a file, read in a worker process if there are limits.

    Raises:
        LimitError: They are not read within the limits.
        ValueError: The file is not of the format.
    """
    if limits is None:
        return file_format.read(content)
    pool = Pool(_reading, limits)
    try:
        result = pool.start().run((file_format.name, content))
    finally:
        pool.close()
    if isinstance(result, Failure):
        raise LimitError([result.diagnostic])
    if result is None:
        raise ValueError
    return str(result)


def _reading() -> Callable[[tuple[str, bytes]], str | None]:
    """Return what reads files in a worker process: `None` for what is not of its format."""

    def characters(task: tuple[str, bytes]) -> str | None:
        name, content = task
        with contextlib.suppress(ValueError):
            return find_format(name).read(content)
        return None

    return characters


def _compare(
    content: bytes,
    file_format: Format,
    sealed: Sealed,
    letter: Letter,
    faults: list[Diagnostic],
    read_words: Callable[[bytes], str],
) -> Verdict:
    """Compare a file with the letter rendered again, byte by byte, then word by word."""
    again = letter.encoded(file_format.name)
    texts = [*file_format.texts(letter.document)]
    is_same_text = not file_format.is_sealed and content.split() in (
        text.encode().split() for text in texts
    )
    if (is_same_text or content[: sealed.length] == again) and not faults:
        return Verdict("identical")
    try:
        characters = as_read_back(read_words(content))
    except ValueError:
        message = "the file cannot be read as the format that its name states"
        return Verdict("altered", (*faults, Diagnostic(codes.NOT_THE_FORMAT, message)), ("", ""))
    if characters not in (as_read_back(visible_characters(text)) for text in texts):
        words, diagnostic = _difference(characters, texts, letter)
        return Verdict("altered", (*faults, diagnostic), words)
    if faults:
        message = "its words are those of the letter rendered again"
        return Verdict("altered", (*faults, Diagnostic(codes.SAME_WORDS, message, "warning")))
    now = unseal(again)
    return Verdict("same words", tuple(_changes(sealed.provenance, now.provenance if now else {})))


def _difference(
    characters: str, texts: Iterable[str], letter: Letter
) -> tuple[tuple[str, str], Diagnostic]:
    """Return the first words that differ, and a diagnostic with their template and field.

    They are those of the text that has the most in common with the file.
    """
    position, text = max(
        (first_difference(characters, as_read_back(visible_characters(text))), text)
        for text in texts
    )
    number, start, word = _word(text, position)
    place = ""
    if origin := letter.origin_in(text, position):
        path = f", of `{field(origin.paths[0])}`" if origin.paths else ""
        place = f"{path} ({Path(origin.span.file).name}:{origin.span.line})"
    message = f"its words differ from the letter rendered again from word {number + 1} on{place}"
    words = characters[start : start + max(8, len(word))], word
    return words, Diagnostic(codes.WORDS_DIFFER, message)


def _word(text: str, position: int) -> tuple[int, int, str]:
    """Return the word that contains a visible character: its number, its start, the word itself."""
    start = 0
    words = text.split()
    for number, word in enumerate(words):
        length = len(visible_characters(word))
        if start + length > position:
            return number, start, word
        start += length
    return len(words), position, ""


def _changes(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Compare the provenance of a letter with that of the letter rendered again."""
    names = {
        "case_sha256": "the case file",
        "pack_sha256": "the pack's files",
        "pack": "the pack",
        "overrides": "what overrides the pack's texts",
        "context_sha256": "what the program gives to templates",
    }
    for name in sorted({*was, *now} - {"words_sha256"}):
        if was.get(name) == now.get(name):
            continue
        message = f"{name} was {was.get(name, 'absent')}, and is {now.get(name, 'absent')}"
        if name in names:
            message = f"{names[name]} changed since the letter was rendered"
        yield Diagnostic(codes.PROVENANCE_DIFFERS, message, "warning")
    if dict(was) == dict(now):
        message = "all versions are the same; another native library, such as HarfBuzz, differs"
        yield Diagnostic(codes.PROVENANCE_DIFFERS, message, "warning")
