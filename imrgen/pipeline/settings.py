"""A project's settings, which choose what its command lines do not.

They are in `imrgen.toml`, or in the table `[tool.imrgen]` of `pyproject.toml`, in the current
folder or the nearest one above:

    select = ["IMR3"]        # only these checks; ids, or the beginnings of ids
    ignore = ["IMR374"]      # not these

    [pdf]
    engine = "weasyprint"    # what sets PDFs
"""

from pathlib import Path

from imrgen.case import Source, decode, read
from imrgen.diagnostics import SettingsError
from imrgen.pack import CheckSelection, PDFSettings


class Settings(CheckSelection, frozen=True):
    """What a project's settings may say.

    Args:
        select: Only these checks: ids, or what ids begin with; empty for the pack's choice.
        ignore: Not these.
        pdf: How PDFs are made.
    """

    pdf: PDFSettings = PDFSettings()


def settings(folder: Path) -> tuple[Settings, str]:
    """Read the project's settings from the nearest file, in a folder or one above it.

    Returns:
        The settings, and the file that they stand in; empty if there is none.

    Raises:
        SettingsError: The file is not valid TOML, or its values are not those of settings.
    """
    for ancestor in (folder, *folder.parents):
        for name in ("imrgen.toml", "pyproject.toml"):
            path = ancestor / name
            if not path.is_file():
                continue
            source = read(path, SettingsError)
            table = source.data
            if name == "pyproject.toml":
                table = table.get("tool", {}).get("imrgen")
            if table is not None:
                part = Source(source.name, source.text, source.kind, table)
                return decode(part, Settings, SettingsError), source.name
    return Settings(), ""
