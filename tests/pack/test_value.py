"""A pack is a value: it is read whole, validated and digested when it is loaded, never later."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import weasyprint

import imrgen
from imrgen.pack import Sources, load_pack, pack_names, stamp
from imrgen.pack import files as pack_files
from imrgen.pack import pack as pack_module
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
SIGNS = ROOT / "templates" / "letter" / "signs.ttf"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
_MANIFEST = """\
name = "acme"
title = "Acme"
version = "1"
extends = "imr"
styles = ["acme.css"]

[[fonts]]
family = "Packaged"
file = "imrgen_test_fonts:files/face.ttf"

[[fonts]]
family = "Own"
file = "fonts/own.ttf"

[organization]
name = "Example"
logo = "logo.svg"
letterhead = ["logo", "name"]
"""


class Place:
    """Folders with a pack that uses a file of every kind.

    Args:
        root: Where they are made.
    """

    def __init__(self, root: Path) -> None:
        self.templates, self.overlay = root / "templates", root / "overlay"
        self.package = root / "library" / "imrgen_test_fonts"
        shutil.copytree(ROOT / "templates", self.templates)
        acme = self.templates / "acme"
        self.write(acme / "pack.toml", _MANIFEST)
        self.write(acme / "acme.css", "h1 { background: url(image/dot.png) }\n")
        self.write(acme / "image/dot.png", PNG)
        self.write(
            acme / "logo.svg",
            '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>x</title></svg>',
        )
        self.write(acme / "fonts/own.ttf", SIGNS.read_bytes())
        self.write(acme / "blocks/part.html", "<p>Included.</p>\n")
        self.write(acme / "nested/more/pack.toml", "<p>Nested.</p>\n")
        self.write(
            acme / "blocks/clinical_summary.html",
            '{% include "blocks/part.html" %}{% include "nested/more/pack.toml" %}'
            "{{ clinical_summary | markdown }}",
        )
        self.write(
            self.overlay / "blocks/reviewer_credentials.html", "<p>Overlaid.</p>{{ letter.title }}"
        )
        self.write(self.package / "__init__.py", "")
        self.write(self.package / "files/face.ttf", SIGNS.read_bytes())

    @staticmethod
    def write(path: Path, content: str | bytes) -> None:
        """Write a file, its folders included."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def load(self, sources: Sources | None = None) -> imrgen.TemplatePack:
        """Load the pack, with the overlay."""
        return load_pack("acme", [self.overlay, self.templates], sources=sources)

    def letter(self, pack: imrgen.TemplatePack | None = None) -> tuple[str, str, str]:
        """Make a letter's text and HTML, with the pack's digest."""
        letter = imrgen.Renderer(loaded_pack=pack or self.load(), embed_fonts=True).render(STARTER)
        return letter.text, letter.html, letter.provenance["pack_sha256"]

    def used(self) -> list[Path]:
        """List the files of which the letters are made, by walking the folders."""
        folders = [self.overlay, *(self.templates / name for name in ("acme", "imr", "letter"))]
        own = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        import font_source_sans_pro
        import font_source_serif_pro

        sans = Path(font_source_sans_pro.__file__).parent / "files"
        serif = Path(font_source_serif_pro.__file__).parent / "files"
        return [
            *own,
            self.package / "files/face.ttf",
            *(sans / f"SourceSansPro-{face}.ttf" for face in ("Regular", "Bold")),
            *(serif / f"SourceSerifPro-{face}.ttf" for face in ("Regular", "It", "Bold", "BoldIt")),
        ]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.syspath_prepend(place.package.parent)
    return place


def _change(path: Path) -> None:
    # What a text file says is changed, too: a line more that each kind of file may have.
    more = {".html": "<p>Changed.</p>\n", ".css": "p { color: red }\n", ".toml": "# changed\n"}
    path.write_bytes(path.read_bytes() + more.get(path.suffix, "\n").encode())


@pytest.mark.slow
def test_a_change_after_loading_changes_neither_letter_nor_digest_but_a_new_load_does(
    place: Place, tmp_path: Path
) -> None:
    pristine = place.letter()
    assert "Included." in pristine[0]
    assert "Nested." in pristine[0]
    assert "Overlaid." in pristine[0]
    own = [path for path in place.used() if path.is_relative_to(tmp_path)]
    assert len(own) > 20
    for path in own:
        before, loaded = path.read_bytes(), place.load()
        _change(path)
        assert place.letter(loaded) == pristine, path
        assert place.load().digest() != pristine[2], path
        path.write_bytes(before)
    assert place.letter() == pristine


@pytest.mark.parametrize("folder", ["templates/acme", "templates/letter/blocks", "overlay"])
def test_a_new_file_is_in_the_digest_of_a_new_load(
    folder: str, place: Place, tmp_path: Path
) -> None:
    before = place.load()
    (tmp_path / folder / "new.html").write_text("new")
    assert place.load().digest() != before.digest()
    assert place.load() != before
    (tmp_path / folder / "new.html").unlink()
    assert place.load() == before
    assert hash(place.load()) == hash(before)


@pytest.mark.parametrize(
    "name", [".words.html", ".git/config.html", "node_modules/x.html", "blocks/__pycache__/x.html"]
)
def test_what_is_left_out_is_neither_in_the_digest_nor_reached(name: str, place: Place) -> None:
    before = place.load()
    place.write(place.templates / "acme" / name, "left out")
    assert place.load() == before
    block = place.templates / "acme/blocks/clinical_summary.html"
    block.write_text(f'{{% include "{name}" %}}')
    with pytest.raises(imrgen.PackError) as error:
        place.letter()
    assert "begin with a dot" in str(error.value)
    assert "IMR204" in str(error.value)


@pytest.mark.slow
def test_nothing_is_read_once_pack_and_case_are_loaded(place: Place, tmp_path: Path) -> None:
    # Left out: what libraries import (a first letter has them do so), their temporary files (which
    # have a folder of their own here), and WeasyPrint's own colour profile.
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    script = textwrap.dedent(f"""
        import shutil, sys, imrgen
        folders = [{str(place.overlay)!r}, {str(place.templates)!r}]

        def make(pack):
            letter = imrgen.Renderer(
                loaded_pack=pack, embed_fonts=True, embed_case=True
            ).render(case)
            return letter.text, letter.html, letter.pdf

        case = imrgen.load_case({str(STARTER)!r})
        make(imrgen.load_pack("imr-2015"))
        expected = make(imrgen.load_pack("acme", folders))
        pack = imrgen.load_pack("acme", folders)
        opened = []
        events = ("open", "os.listdir", "os.scandir")
        sys.addaudithook(lambda event, args: opened.append(args[0]) if event in events else None)
        for folder in (*folders, {str(place.package)!r}):
            shutil.rmtree(folder)
        opened.clear()
        assert make(pack) == expected
        paths = [path for path in opened if isinstance(path, str)]
        own = ({str(scratch)!r}, {str(Path(weasyprint.__file__).parent)!r})
        print(*(path for path in paths if not path.startswith(own)), sep="\\n")
    """)
    environment = {
        **os.environ,
        "TMPDIR": str(scratch),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(place.package.parent)]),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    assert (done.returncode, done.stderr, done.stdout.split()) == (0, "", [])


def test_a_manifest_that_changes_while_its_pack_is_read_is_the_one_that_was_parsed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = place.templates / "acme/pack.toml"
    before, read_files = place.load(), pack_module.read_files

    def changed_before(*arguments: Any) -> Any:
        manifest.write_text(_MANIFEST.replace('name = "Example"', 'name = "Other"'))
        return read_files(*arguments)

    monkeypatch.setattr(pack_module, "read_files", changed_before)
    pack = place.load()
    assert pack == before
    assert pack.organization is not None
    assert pack.organization.name == "Example"
    assert _stale(dict(pack.sources))


def test_a_fault_is_shown_in_the_template_as_it_was_read(place: Place) -> None:
    block = place.templates / "acme/blocks/part.html"
    block.write_text("<p>\n{{ employe.name }}</p>")
    pack = place.load()
    shutil.rmtree(place.templates)
    with pytest.raises(imrgen.PackError) as error:
        place.letter(pack)
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.span is not None
    assert diagnostic.excerpt is not None
    assert (diagnostic.span.file, diagnostic.span.line) == (str(block), 2)
    assert diagnostic.excerpt.text == "{{ employe.name }}</p>"


@pytest.mark.slow
def test_a_pickled_pack_makes_the_same_letter_without_its_files(place: Place) -> None:
    pack, pristine = place.load(), place.letter()
    pickled = pickle.dumps(pack)
    shutil.rmtree(place.templates)
    again = pickle.loads(pickled)
    assert again == pack
    assert {pack: 1}[again] == 1
    assert place.letter(again) == pristine


def test_a_pack_cannot_be_changed() -> None:
    pack = load_pack("imr")
    with pytest.raises(AttributeError):
        pack.layers = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        pack.name = "other"  # type: ignore[misc]


def _mapping(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.slow
@pytest.mark.parametrize("inner", [True, False], ids=["folder of packs", "pack"])
def test_a_pack_from_mappings_is_the_one_from_folders(inner: bool, place: Place) -> None:
    folder = place.templates if inner else place.templates / "acme"
    pack = load_pack("acme", [_mapping(place.overlay), _mapping(folder)])
    assert pack == place.load()
    assert place.letter(pack) == place.letter()
    assert pack_names([_mapping(folder)]) == [
        "acme",
        "external-review",
        "imr",
        "imr-2015",
        "letter",
    ]


def test_a_fault_in_a_mapping_names_it_and_its_file(place: Place) -> None:
    files = _mapping(place.templates / "acme")
    overlay = {"blocks/part.html": b"<p>\n\n{{ nope }}</p>"}
    pack = load_pack("acme", [files, overlay])
    with pytest.raises(imrgen.PackError) as error:
        place.letter(pack)
    assert "<mapping 2>/blocks/part.html:3:4: " in str(error.value)
    with pytest.raises(imrgen.PackError, match=r"<mapping 1>/pack\.toml:1:"):
        load_pack(None, [{**files, "pack.toml": b"name = 1"}])


def test_dependencies_are_all_files_that_a_letter_was_made_of(place: Place) -> None:
    letter = imrgen.Renderer(loaded_pack=place.load()).render(STARTER)
    used = place.used()
    assert len(used) > 25
    assert sorted(letter.dependencies) == sorted([*used, STARTER])


def _make_a_pack_of(folder: Path) -> None:
    Place.write(
        folder / "pack.toml",
        'name = "acme"\ntitle = "t"\nversion = "1"\nextends = "imr"\norganization.inherit = true\n',
    )


CHANGES: dict[str, Callable[[Place], object]] = {
    "new file": lambda p: (p.templates / "imr/blocks/new.html").write_text(""),
    "new override": lambda p: (p.templates / "acme/blocks/issue.html").write_text(""),
    "new folder": lambda p: p.write(p.templates / "acme/more/x.html", ""),
    "new file of an overlay": lambda p: p.write(p.overlay / "determination.html", ""),
    "overlay becomes a pack": lambda p: _make_a_pack_of(p.overlay),
    "new pack before it": lambda p: _make_a_pack_of(p.templates / "aaa"),
    "empty folder becomes a pack": lambda p: _make_a_pack_of(p.templates / "empty"),
    "renamed": lambda p: (p.templates / "acme/logo.svg").rename(p.templates / "acme/mark.svg"),
}


def _stale(sources: Sources) -> bool:
    return any(stamp(path) != before for path, before in sources.items())


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_pack_knows_what_would_change_it(change: Callable[[Place], object], place: Place) -> None:
    (place.templates / "empty").mkdir()
    pack = place.load()
    assert not _stale(dict(pack.sources))
    change(place)
    assert _stale(dict(pack.sources))


@pytest.mark.slow
def test_a_pack_knows_each_of_its_files(place: Place, tmp_path: Path) -> None:
    own = [path for path in place.used() if path.is_relative_to(tmp_path)]
    assert own
    for path in own:
        pack = place.load()
        _change(path)
        assert _stale(dict(pack.sources)), path
        pack = place.load()
        content = path.read_bytes()
        path.unlink()
        assert _stale(dict(pack.sources)), path
        path.write_bytes(content)


def test_an_editors_own_files_change_no_pack(place: Place) -> None:
    pack = place.load()
    (place.templates / "acme/blocks/.part.html.swp").write_text("")
    (place.templates / ".git").mkdir()
    assert not _stale(dict(pack.sources))


MENDED: dict[str, tuple[Callable[[Place], object], Callable[[Place], object]]] = {
    "missing file": (
        lambda p: (p.templates / "acme/acme.css").unlink(),
        lambda p: p.write(p.templates / "acme/acme.css", ""),
    ),
    "missing parent": (
        lambda p: (p.templates / "acme/pack.toml").write_text(
            _MANIFEST.replace('extends = "imr"', 'extends = "other"')
        ),
        lambda p: p.write(
            p.templates / "b/pack.toml", 'name = "other"\ntitle = "t"\nversion = "1"\n'
        ),
    ),
    "manifest": (
        lambda p: (p.templates / "acme/pack.toml").write_text("name ="),
        lambda p: (p.templates / "acme/pack.toml").write_text(_MANIFEST),
    ),
    "link": (
        lambda p: (p.templates / "acme/x.html").symlink_to("/nowhere"),
        lambda p: (p.templates / "acme/x.html").unlink(),
    ),
    "overlay": (
        lambda p: (p.overlay / "blocks").rename(p.overlay / "block"),
        lambda p: (p.overlay / "block").rename(p.overlay / "blocks"),
    ),
}


@pytest.mark.parametrize(("spoil", "mend"), MENDED.values(), ids=MENDED)
def test_what_mends_a_pack_that_does_not_load_is_known(
    spoil: Callable[[Place], object], mend: Callable[[Place], object], place: Place
) -> None:
    sources: Sources = {}
    spoil(place)
    with pytest.raises(imrgen.PackError):
        place.load(sources)
    assert not _stale(sources)
    mend(place)
    assert _stale(sources)


INVALID = {
    "style": ('styles = ["nope.css"]', "6:11: error[IMR204]: styles[0]"),
    "font": (
        '[[fonts]]\nfamily = "x"\nfile = "nope.ttf"',
        "8:8: error[IMR204]: fonts[0].file",
    ),
    "template": (
        '[letters.x]\ntitle = "t"\ntemplate = "determinaton.html"',
        "has no file `determinaton.html`; did you mean `determination.html`?",
    ),
    "field": (
        '[letters.x]\ntitle = "t"\ntemplate = "determination.html"\nrequires = ["case.nubmer"]',
        "9:13: error[IMR203]: letters.x.requires[0]",
    ),
}


@pytest.mark.parametrize(("more", "message"), INVALID.values(), ids=INVALID)
def test_a_pack_is_validated_when_it_is_loaded(more: str, message: str, tmp_path: Path) -> None:
    manifest = (
        f'name = "a"\ntitle = "t"\nversion = "1"\nextends = "imr"\n'
        f"organization.inherit = true\n{more}\n"
    )
    Place.write(tmp_path / "pack.toml", manifest)
    with pytest.raises(imrgen.PackError) as error:
        load_pack(None, [tmp_path])
    assert message in str(error.value)


@pytest.mark.parametrize("name", ["blocks/issue.html", "acme.css"])
def test_text_that_is_not_utf8_is_refused_with_its_place(name: str, place: Place) -> None:
    content = "\ufeff<p>é</p>\n<p>é".encode() + b"\x93.</p>\n"
    place.write(place.templates / "acme" / name, content)
    with pytest.raises(imrgen.PackError) as error:
        place.load()
    (diagnostic,) = error.value.diagnostics
    assert (diagnostic.code, diagnostic.message) == ("IMR005", "not UTF-8 (byte 0x93)")
    assert diagnostic.span == imrgen.Span(str(place.templates / "acme" / name), 2, 5)


@pytest.mark.slow
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_byte_order_marks_and_newlines_change_no_letter(
    mark: bytes, newline: str, place: Place
) -> None:
    text, html, _ = place.letter()
    for name in (
        "acme/blocks/clinical_summary.html",
        "imr/determination.html",
        "letter/letter.css",
    ):
        path = place.templates / name
        path.write_bytes(mark + path.read_text().replace("\n", newline).encode())
    again = place.letter()
    assert again[0] == text
    # Only the digest differs, which the head states.
    assert again[1].partition("<style>")[2] == html.partition("<style>")[2]


_PACKAGE = "font_source_sans_pro"
ESCAPES = ["/etc/hosts", "../../../../../../../../etc/hosts", "files/LICENSE.txt", "files/../x.ttf"]
WAYS = {
    "style": 'styles = ["{}"]\n',
    "font": '[[fonts]]\nfamily = "x"\nfile = "{}"\n',
    "template": '[letters.determination]\ntitle = "t"\ntemplate = "{}"\n',
    "logo": 'organization.logo = "{}"\n',
    "image": '<img src="{}" alt="x">',
    "include": '{{% include "{}" %}}',
    "css": "p {{ background: url({}) }}",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ESCAPES)
def test_no_pack_reads_files_of_python_packages_but_fonts(
    way: str, name: str, tmp_path: Path
) -> None:
    written = WAYS[way].format(f"{_PACKAGE}:{name}")
    more = written if way in ("style", "font", "template", "logo") else 'styles = ["a.css"]\n'
    manifest = (
        f'name = "a"\ntitle = "t"\nversion = "1"\nextends = "imr"\n'
        f"organization.inherit = true\n{more}"
    )
    Place.write(tmp_path / "pack.toml", manifest)
    Place.write(tmp_path / "a.css", written if way == "css" else "")
    if way in ("image", "include"):
        Place.write(tmp_path / "blocks/clinical_summary.html", written)
    with pytest.raises(imrgen.PackError) as error:
        imrgen.render(STARTER, templates=[tmp_path])
    assert {each.code for each in error.value.diagnostics} == {"IMR204"}


@pytest.mark.parametrize(
    "target", ["../../library.ttf", "/etc/hosts"], ids=["out of the package", "absolute"]
)
def test_a_font_is_not_read_through_a_link_out_of_its_package(target: str, place: Place) -> None:
    face = place.package / "files/face.ttf"
    face.unlink()
    face.symlink_to(target)
    place.write(place.package.parent / "library.ttf", SIGNS.read_bytes())
    with pytest.raises(imrgen.PackError, match=r"has no file `imrgen_test_fonts:files/face\.ttf`"):
        place.load()


@pytest.mark.parametrize("target", ["../../secret.html", "/etc/hosts", "gone.html", ".", ".."])
def test_a_link_that_leads_elsewhere_is_refused(target: str, place: Place, tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("secret")
    link = place.templates / "acme/blocks/issue.html"
    link.symlink_to(target)
    with pytest.raises(imrgen.PackError) as error:
        place.load()
    assert "is a link that leads" in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.slow
def test_links_within_a_pack_are_followed_as_a_mounted_volume_has_them(place: Place) -> None:
    pristine = place.letter()
    acme = place.templates / "acme"
    inner = acme / "..data"
    inner.mkdir()
    for path in [path for path in acme.iterdir() if path != inner]:
        path.rename(inner / path.name)
        path.symlink_to(f"..data/{path.name}")
    assert place.letter() == pristine


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [("MOST_FILES", 4, "holds more than 4 files"), ("MOST_BYTES", 2**20, "than 1 MiB")],
)
def test_a_folder_that_holds_too_much_is_refused_with_what_is_left_out(
    limit: str, value: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_files, limit, value)
    overlay = {"blocks/issue.html": b"x", "a.html": b"", "b.html": b"", "c.html": b""}
    for name, content in overlay.items():
        Place.write(tmp_path / name, content)
    for number in range(9):
        Place.write(tmp_path / "node_modules" / f"{number}.js", bytes(2**18))
        Place.write(tmp_path / ".git" / f"{number}", bytes(2**18))
    monkeypatch.setattr(pack_files, "MOST_BYTES", max(value, 2**20))
    found = pack_files.read_files(tmp_path, "", {})
    assert set(found) == set(overlay)
    for number in range(9):
        Place.write(tmp_path / "more" / f"{number}.png", bytes(2**18))
    with pytest.raises(imrgen.PackError) as error:
        pack_files.read_files(tmp_path, "", {})
    assert message in str(error.value)
    assert "`node_modules`" in str(error.value)
