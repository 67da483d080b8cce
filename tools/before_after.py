"""Set letters with the packs of another revision and of this one, side by side, in docs/letters/.

usage: python tools/before_after.py [REVISION]      (default: before they were set in 11 points)

The packs of the revision have to be ones that this version of imrgen reads.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image

import imrgen

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "letters"
REVISION = "17c6425^"
LETTERS = {
    "seed": ("fixtures/seed.toml", "imr-2015"),
    "starter": ("imrgen/starter.toml", "imr"),
    "many-issues": ("fixtures/many-issues.toml", "imr"),
}
_SCALE, _GAP = 0.6, 12


def pages(case: Path, pack: str, templates: Path) -> list[Image.Image]:
    """Draw the pages of a letter."""
    letter = imrgen.render(case, pack=pack, templates=[templates], check=False)
    return [page.render(scale=_SCALE).to_pil() for page in pypdfium2.PdfDocument(letter.pdf)]


def beside(rows: list[list[Image.Image]]) -> Image.Image:
    """Arrange the pages of each state in a row."""
    width, height = rows[0][0].size
    columns = max(map(len, rows))
    sheet = Image.new(
        "RGB",
        (columns * (width + _GAP) + _GAP, len(rows) * (height + _GAP) + _GAP),
        "#c9c9c4",
    )
    for down, row in enumerate(rows):
        for across, page in enumerate(row):
            sheet.paste(page, (_GAP + across * (width + _GAP), _GAP + down * (height + _GAP)))
    return sheet.quantize(16)


def main() -> None:
    """Draw each letter before, above, and after, below."""
    revision = sys.argv[1] if len(sys.argv) > 1 else REVISION
    archive = ["git", "-C", str(ROOT), "archive", revision, "templates"]
    content = subprocess.run(archive, check=True, capture_output=True).stdout
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(content)) as files:
            files.extractall(folder, filter="data")
        for name, (case, pack) in LETTERS.items():
            states = [Path(folder) / "templates", ROOT / "templates"]
            rows = [pages(ROOT / case, pack, state) for state in states]
            beside(rows).save(IMAGES / f"{name}.png", optimize=True)
            print(f"{name}: {len(rows[0])} pages before, {len(rows[1])} after")


main()
