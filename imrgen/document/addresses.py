"""The addresses that links go to: as programs need them, and as words that a reader can type."""

import re
import unicodedata
from urllib.parse import quote
from xml.etree.ElementTree import Element

from imrgen.document.visible import visible_texts

LINKED_SCHEMES = ("", "http", "https", "mailto", "tel")
"""The schemes of addresses that a letter may link to; the empty one is for places in it."""
_PARTS = r"(?s)(/*)((?:[^/?#]*@)?)([^/?#]*)(.*)"
_ASCII = "".join(map(chr, range(128)))
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_IGNORED = re.compile(r"[\x00-\x20]+")
"""What browsers leave out of an address, at its ends or throughout."""
_LOCAL_DIGITS = 7
_IN_BRACKETS = r"\((\S+)\)\Z"


def scheme_of(address: str) -> str:
    """Return the scheme of an address as browsers read it, in lower case; empty if it has none."""
    scheme = _SCHEME.match(_IGNORED.sub("", address))
    return scheme[1].lower() if scheme else ""


def in_ascii(url: str) -> str:
    """Return an address as a PDF and a browser need it: the host in Punycode, the rest in per cent.

    The host's letters are folded as browsers fold them (UTS 46), `ß` and `ς` excepted, which stay.
    """
    if url.isascii():
        return url
    scheme, rest = url.split(":", 1)
    slashes, user, host, behind = re.fullmatch(_PARTS, rest).groups()  # type: ignore[union-attr]
    labels = unicodedata.normalize("NFKC", host).lower().split(".")
    host = ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels
    )
    return f"{scheme}:{slashes}{_quoted(user)}{host}{_quoted(behind)}"


def _quoted(part: str) -> str:
    return quote(part, safe=_ASCII)


def unshown_address(link: Element) -> str:
    """Return the address that a link goes to and its words do not show; empty where there is none.

    That is one outside the document. Words show it with or without its scheme, and in letters of
    any alphabet.

    Args:
        link: An `a` with words.
    """
    url = (link.get("href") or "").strip()
    scheme = _SCHEME.match(url)
    words = " ".join("".join(text or "" for _, text, _, _ in visible_texts(link)).split())
    if scheme is None or not words:
        return ""
    kind = scheme[1].lower()
    address = url if kind in ("http", "https") else url[scheme.end() :]
    bare = url[scheme.end() :].strip("/")
    if bare.lower() in words.lower() or (kind == "tel" and _is_dialled(words, bare)):
        return ""
    typed = re.search(_IN_BRACKETS, words)
    shown = typed[1] if typed else words
    is_typed = not shown.isascii() and ":" in shown and in_ascii(shown) == url
    return "" if is_typed else address


def _is_dialled(words: str, number: str) -> bool:
    """Return whether words show a telephone number, with or without the country's."""
    typed, dialled = ("".join(filter(str.isdigit, text)) for text in (words, number))
    return len(typed) >= _LOCAL_DIGITS and dialled.endswith(typed)
