"""What a letter was made of, and the seal that shows whether its file was changed.

Provenance is a flat mapping of names to text, written as JSON into the XMP of a PDF and into a meta
element of HTML. It holds digests and versions, and no value of a case. It ends in the seal: the
SHA-256 of the file, its own digits taken as zeros, and the file's length, since a signature is
added behind it. The seal finds what was changed by accident or by hand; it is not a signature:
whoever makes the letter again, or signs it, proves more.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

XMP_PROPERTY = "imrgen:provenance"
META_NAME = "imrgen-provenance"
DRAFT = "draft"
"""The name in provenance by which a draft, which has no seal, is known."""

_ZEROS = "0" * 64
_LENGTH = "0" * 12
_SEAL = re.compile(rb"sha256:([0-9a-f]{64}) of the first ([0-9]{12}) bytes")
_PLACES = (
    (b"<imrgen:provenance>", b"</imrgen:provenance>"),
    (b'<meta name="imrgen-provenance" content="', b'">'),
)
"""What stands before and behind provenance, as imrgen writes it."""
_TRACES = (
    b"imrgen:provenance",
    b"imrgen-provenance",
    b"urn:imrgen:provenance:",
    b"pdfaSchema:prefix>imrgen<",
)


class Sealed(msgspec.Struct, frozen=True):
    """The provenance in a file, and whether its seal fits.

    Args:
        provenance: What the letter was made of; empty where that cannot be read.
        length: The number of bytes that the seal is for; a signature may stand behind them.
        whole: Whether these bytes are as they were written.
    """

    provenance: Mapping[str, str]
    length: int
    whole: bool

    @property
    def is_draft(self) -> bool:
        """Whether it is a draft, which was never issued and has no seal."""
        return DRAFT in self.provenance


def provenance_json(provenance: Mapping[str, Any]) -> str:
    """Write provenance as JSON, its seal not yet filled in; a draft's has none."""
    seal_place = f"sha256:{_ZEROS} of the first {_LENGTH} bytes"
    seals = {} if DRAFT in provenance else {"seal": seal_place}
    return json.dumps({**provenance, **seals}, separators=(",", ":"))


def seal(content: bytes) -> bytes:
    """Fill in the seal of a file that holds provenance; leave a draft without one.

    Args:
        content: The file; it holds the provenance once.
    """
    ((start, end),) = _places(content)
    found = _SEAL.search(content, start, end)
    if found is None:
        return content
    content = content[: found.start(2)] + b"%012d" % len(content) + content[found.end(2) :]
    digest = hashlib.sha256(content).hexdigest().encode()
    return content[: found.start(1)] + digest + content[found.end(1) :]


def unseal(content: bytes) -> Sealed | None:
    """Read the provenance of a file, and check its seal.

    Args:
        content: The file.

    Returns:
        `None` where the file has no trace of imrgen.
    """
    from html import unescape  # it loads for a millisecond, and sealing needs none of it

    places = _places(content)
    if len(places) != 1:
        return Sealed({}, 0, False) if any(trace in content for trace in _TRACES) else None
    ((start, end),) = places
    seals = list(_SEAL.finditer(content, start, end))
    try:
        text = unescape(content[start:end].decode())
        provenance = msgspec.json.decode(text, type=dict[str, str])
    except ValueError:
        return Sealed({}, 0, False)
    if DRAFT in provenance:
        return Sealed({DRAFT: "true"}, 0, False)
    if len(seals) != 1:
        return Sealed({}, 0, False)
    (found,) = seals
    length = int(found[2])
    blank = content[: found.start(1)] + _ZEROS.encode() + content[found.end(1) : length]
    whole = length <= len(content) and hashlib.sha256(blank).hexdigest().encode() == found[1]
    provenance.pop("seal", None)
    return Sealed(provenance, length, whole)


def _places(content: bytes) -> list[tuple[int, int]]:
    """Find where a file holds provenance: start and end of each place."""
    found = []
    for opening, closing in _PLACES:
        at = content.find(opening)
        end = 0
        while at >= 0 and end >= 0:
            start = at + len(opening)
            # Many may end at the same place: look for it once.
            end = end if end > start else content.find(closing, start)
            if end >= 0:
                found.append((start, end))
            at = content.find(opening, start)
    return found
