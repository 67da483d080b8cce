"""No pack reads a file outside its folder, by whatever name."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

import imrgen
from tests.soak.hostile.counting import STARTER, Count

SECRET = "hunter2secret"
MANIFEST = 'name = "p"\ntitle = "t"\nversion = "1"\nextends = "imr"\norganization.inherit = true\n'
BY_TEMPLATE = [
    '<img src="{}" alt="x">',
    "<img src='{}' alt='x'>",
    '<p style="background: url({})">x</p>',
    "<p style=\"background: url('{}')\">x</p>",
    "<style>p {{ background: url({}) }}</style><p>x</p>",
    "<style>@import url({});</style><p>x</p>",
    "<style>@font-face {{ font-family: f; src: url({}) }}</style><p>x</p>",
    '<svg><title>x</title><image href="{}" width="9" height="9"/></svg>',
    '<svg><title>x</title><use href="{}"/></svg>',
    '<object data="{}">x</object>',
    '<embed src="{}">',
    '<iframe src="{}"></iframe>',
    '<link rel="stylesheet" href="{}">',
    '<link rel="attachment" href="{}">',
    '<a rel="attachment" href="{}">x</a>',
    '<img srcset="{} 1x" src="" alt="x">',
    '<video poster="{}"></video>',
    '<table background="{}"><tr><td>x</td></tr></table>',
    "{{% include '{}' %}}",
    "{{% import '{}' as x %}}{{{{ x }}}}",
    "{{% extends '{}' %}}",
]
BY_MANIFEST = [
    'styles = ["{}"]',
    'organization.logo = "{}"',
    '[[fonts]]\nfamily = "f"\nfile = "{}"',
    '[letters.determination]\ntitle = "x"\ntemplate = "{}"',
    'extends = "{}"',
]


def names(folder: Path) -> Iterator[str]:
    """Yield names of a secret that stands beside the pack."""
    for name in ("secret.txt", "secret.png", "secret.css"):
        yield str(folder / name)
        yield f"../{name}"
        yield f"json:{folder / name}"
        yield f"font_source_sans_pro:{folder / name}"
        yield f"link-{name}"
        yield f"linked/{name}"
    yield f"file://{folder}/secret.png"
    yield f"https://pack.invalid/json:{folder}/secret.png"
    yield f"font_source_sans_pro:../../../../../../../..{folder}/secret.png"
    yield "blocks/../../secret.png"
    yield "%2e%2e/secret.png"
    yield "..\\\\secret.png"
    yield "json:tool.py"
    yield "/proc/self/environ"
    yield "json:/proc/self/environ"


def test_no_pack_reads_beyond_its_folder(tmp_path: Path) -> None:
    os.environ["IMRGEN_SOAK_SECRET"] = SECRET
    Image.new("RGB", (9, 9), (1, 2, 3)).save(tmp_path / "secret.png")
    (tmp_path / "secret.txt").write_text(f"<p>{SECRET}</p>")
    (tmp_path / "secret.css").write_text(f"p {{ color: red }} /* {SECRET} */")
    picture = (tmp_path / "secret.png").read_bytes()
    held = (base64.b64encode(picture)[20:60].decode(), SECRET, "argparse")
    folder = tmp_path / "p"
    with Count("reads outside the pack", 58) as count:
        for way in [*BY_TEMPLATE, *BY_MANIFEST]:
            for name in names(tmp_path):
                shutil.rmtree(folder, ignore_errors=True)
                (folder / "blocks").mkdir(parents=True)
                for target in ("secret.txt", "secret.png", "secret.css"):
                    (folder / f"link-{target}").symlink_to(tmp_path / target)
                (folder / "linked").symlink_to(tmp_path)
                manifest = MANIFEST
                if way in BY_MANIFEST:
                    line = way.format(name)
                    key = line.partition(" ")[0]
                    manifest = f"{MANIFEST}{line}\n" if key not in MANIFEST else f"{line}\n"
                else:
                    (folder / "blocks" / "clinical_summary.html").write_text(way.format(name))
                (folder / "pack.toml").write_text(manifest)
                try:
                    letter = imrgen.render(
                        STARTER, templates=[folder], check=False, embed_fonts=True
                    )
                    shown = letter.html + letter.text
                except imrgen.ImrgenError as error:
                    shown = str(error)
                count.add(f"{way} {name}", not any(secret in shown for secret in held))
