"""Draw letters as another revision of imrgen sets them and as this one does, in docs/letters/.

usage: python tools/before_after.py [REVISION]      (default: before they were set in 11 points)

The revision runs as it was, with its own packs and cases, in the environment of this one.
"""

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "letters"
REVISION = "17c6425^"
LETTERS = {
    "seed": ("fixtures/seed.toml", "imr-2015"),
    "starter": ("imrgen/starter.toml", "imr"),
    "many-issues": ("fixtures/many-issues.toml", "imr"),
}
_SCALE, _GAP = 0.6, 12


_RENDER = """import sys, imrgen
case, pack, to = sys.argv[1:]
with open(to, "wb") as file:
    file.write(imrgen.render(case, pack=pack, check=False).pdf)
"""


def pages(case: str, pack: str, state: Path, to: Path) -> list[Image.Image]:
    """Draw the pages of a letter as a checkout of imrgen makes it."""
    environment = {**os.environ, "PYTHONPATH": str(state)}
    command = [sys.executable, "-c", _RENDER, case, pack, str(to)]
    subprocess.run(command, cwd=state, env=environment, check=True)
    document = pypdfium2.PdfDocument(to.read_bytes())
    return [page.render(scale=_SCALE).to_pil() for page in document]


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
    archive = ["git", "-C", str(ROOT), "archive", revision]
    content = subprocess.run(archive, check=True, capture_output=True).stdout
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with tarfile.open(fileobj=io.BytesIO(content)) as files:
            files.extractall(folder / "before", filter="data")
        for letter, (case, pack) in LETTERS.items():
            states = (folder / "before", ROOT)
            rows = [pages(case, pack, state, folder / "letter.pdf") for state in states]
            beside(rows).save(IMAGES / f"{letter}.png", optimize=True)


main()
