"""Which pages of a letter differ, and whether its words or its style sheets have made them differ.

A longer sentence moves pages, and so does a wider margin. Where both have changed, the letter is
also set as it is, in the style sheets as they were: what differs from there is the style sheets'.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator

import msgspec
from PIL import Image, ImageChops

from imrgen.batch.plan.changes import Change, ChangeKind, PageDetail
from imrgen.batch.plan.versions import FiledVersion, Look, MadeVersion, Version
from imrgen.diagnostics import CaseError, LimitError, PackError
from imrgen.export.pdf.readback import PDFReader, open_pdf

_SHOWN_SCALE = 1.4
"""Pixels per point of the pages that are shown."""
_WAS, _IS = (200, 30, 20), (20, 80, 200)
"""Colours in which a page as it was and as it is are drawn over each other."""
_SHADE = 64
"""So much colours must differ for words of the same brightness to be drawn as others."""
_MOST_PAGES = 3
"""So many pages of a letter are shown."""


class Pages(msgspec.Struct, frozen=True):
    """The pages of a letter.

    Args:
        starts: The first line of each.
        pictures: Each as it is drawn; empty if that is not to be compared.
        pdf: The file.
        faults: Why they cannot be set.
    """

    starts: list[str] = []
    pictures: list[bytes] = []
    pdf: bytes = b""
    faults: frozenset[str] = frozenset()

    @classmethod
    def of(cls, pdf: Callable[[], bytes], *, has_pictures: bool) -> Pages:
        """Set and read pages.

        Args:
            pdf: Makes the file.
            has_pictures: Whether to draw them.
        """
        try:
            content = pdf()
        except (CaseError, LimitError, PackError) as error:
            return cls(faults=frozenset(each.code for each in error.diagnostics))
        with open_pdf(content) as reader:
            starts = [page.lines[0][1] if page.lines else "" for page in reader.pages()]
            drawn = range(len(starts) if has_pictures else 0)
            pictures = [reader.picture(number, 1.0).tobytes() for number in drawn]
        return cls(starts, pictures, content)

    def way_to(self, other: Pages, *, has_words: bool = False) -> str:
        """Return how other pages differ from these: a word of `WAYS`, or nothing.

        Args:
            other: The other pages.
            has_words: Whether they have other words; then they look different anyway.
        """
        more = len(other.starts) - len(self.starts)
        if more:
            return "more" if more > 0 else "fewer"
        if self.starts != other.starts:
            return "moved"
        return "" if has_words or self.pictures == other.pictures else "looks"


class PageChanges(msgspec.Struct, frozen=True):
    """How the pages of a letter differ.

    Args:
        by_words: What its changed words do to the pages: a word of `WAYS`, or nothing.
        changes: What else differs, each change with how.
    """

    by_words: str = ""
    changes: tuple[tuple[Change, str], ...] = ()


def page_changes(
    name: str, was: Version, now: Version, looks: tuple[Look | None, Look | None], has_words: bool
) -> PageChanges:
    """Return how the pages of a letter differ.

    Args:
        name: The letter's name.
        was: The letter as it was.
        now: The letter as it is.
        looks: What determines the pages of both, where that is known.
        has_words: Whether the words differ; then pages look different anyway.
    """
    before, after = looks
    is_known = before is not None and after is not None
    has_style = not is_known or (before and before.style) != (after and after.style)
    old = Pages.of(was.pdf, has_pictures=not has_words)
    new = Pages.of(now.pdf, has_pictures=not has_words or has_style)
    if old.faults or new.faults:
        if old.faults == new.faults:
            return PageChanges()
        kind: ChangeKind = "refused" if new.faults else "made"
        lost, gained = (
            ", ".join(sorted(codes)) for codes in (old.faults - new.faults, new.faults - old.faults)
        )
        return PageChanges(changes=((Change(name, kind, removed=lost, added=gained), ""),))
    if has_words and has_style and isinstance(was, MadeVersion) and isinstance(now, MadeVersion):
        letter = now.in_style_of(was)
        between = Pages.of(lambda: letter.pdf, has_pictures=True)
        if not between.faults:
            way = between.way_to(new)
            changes = ((_styled(name, looks), way),) if way else ()
            return PageChanges(old.way_to(between, has_words=True), changes)
    if has_words:
        return PageChanges(old.way_to(new, has_words=True))
    way = old.way_to(new)
    return PageChanges(changes=((_styled(name, looks), way),) if way else ())


def style_change(name: str, looks: tuple[Look | None, Look | None]) -> Change:
    """Return the change of a letter whose pages were not set.

    Args:
        name: The letter's name.
        looks: What determines the pages of both.
    """
    return msgspec.structs.replace(_styled(name, looks), kind="style")


def _styled(name: str, looks: tuple[Look | None, Look | None]) -> Change:
    """Return a change of pages, the same in all letters whose style sheets changed like this."""
    was, now = (dict(look.sheets) if look else {} for look in looks)
    names = sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
    parts = [repr(look.style) if look else "" for look in looks]
    if parts[0] == parts[1]:
        # It is made by elements, which may hold what the case says: the packs stand for them.
        parts = [look.pack if look else "" for look in looks]
    state = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    lost, gained = (", ".join(each for each in names if each in sheets) for sheets in (was, now))
    return Change(name, "pages", was=lost, now=gained, state=state)


def page_details(was: Version, now: Version) -> tuple[tuple[PageDetail, ...], int]:
    """Return pictures of the first pages that differ, and how many more do."""
    old, new = _drawn(was), _drawn(now)
    differing = [
        number
        for number in range(max(len(old), len(new)))
        if old[number : number + 1] != new[number : number + 1]
    ]
    shown = tuple(
        PageDetail(
            number + 1,
            _png(old[number]) if number < len(old) else b"",
            _png(new[number]) if number < len(new) else b"",
            _overlay(old[number], new[number]) if number < min(len(old), len(new)) else b"",
        )
        for number in differing[:_MOST_PAGES]
    )
    return shown, len(differing) - len(shown)


def _drawn(version: Version) -> list[Image.Image]:
    if isinstance(version, FiledVersion) and not version.has_pages:
        return []
    try:
        content = version.pdf()
    except (CaseError, LimitError, PackError):
        return []
    with open_pdf(content) as reader:
        return [*_pictures(reader)]


def _pictures(reader: PDFReader) -> Iterator[Image.Image]:
    for number in range(len(reader)):
        yield reader.picture(number, _SHOWN_SCALE).convert("RGB")


def _png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    # Text in few shades takes a third of the bytes.
    picture.quantize(32).save(written, "PNG", optimize=True)
    return written.getvalue()


def _overlay(old: Image.Image, new: Image.Image) -> bytes:
    """Draw a page as it was in red and as it is in blue, where they differ."""
    if old.size != new.size:
        return b""
    before, after = (each.convert("L") for each in (old, new))
    both = ImageChops.lighter(before, after)
    drawn = Image.merge("RGB", (both, both, both))
    drawn.paste(_WAS, mask=ImageChops.subtract(after, before))
    drawn.paste(_IS, mask=ImageChops.subtract(before, after))
    # What is alike in brightness may differ in colour.
    red, green, blue = ImageChops.difference(old, new).split()
    colours = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    shades = ImageChops.subtract(colours, ImageChops.difference(before, after), scale=1)
    drawn.paste(_IS, mask=shades.point(lambda value: 255 if value > _SHADE else 0))
    return _png(drawn)
