"""Step 2, PACK: templates, style sheets, images, fonts and a manifest that make letters.

pack           a pack, which is a value: read whole, validated, digested
search         which packs there are, and which folders hold them
files          the files of packs, read within limits
contents       those of packs in no folder: mappings, zip files, resources of Python packages
manifest       `pack.toml`
organization   whose letters a pack makes, its words, and what overrides them
fields         the fields of its cases, which its manifest declares
cases          a case, read by these fields
fonts          the `@font-face` rules of its fonts, and what they can draw
opentype       what is asked of a font file
images         whether an image can be shown and archived
entry_points   what installed packages add
revisions      the files as they were at a git revision
"""

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand
from imrgen.pack.contents import Templates, each_of, is_path, label, portable
from imrgen.pack.fields import TEMPLATE_NAMES
from imrgen.pack.files import PackFile, Sources, Stamp, stamp, walk
from imrgen.pack.manifest import (
    ALL_LETTERS,
    DEFAULT_ENGINE,
    MANIFEST,
    CheckSelection,
    Deadline,
    Deadlines,
    EngineName,
    Font,
    LetterSpec,
    Organization,
    Outcome,
    PagePromises,
    PDFSettings,
    manifest_schema,
    merge_promises,
    read_manifest,
)
from imrgen.pack.pack import Layer, TemplatePack, load_pack
from imrgen.pack.search import built_in, pack_folders, pack_names, search_folders

if TYPE_CHECKING:
    from imrgen.pack.cases import load_case
    from imrgen.pack.entry_points import entry_point_modules
    from imrgen.pack.fonts import drawn_as, font_faces
    from imrgen.pack.images import image_type
    from imrgen.pack.opentype import FontFile, FontUnreadableError, read_font
    from imrgen.pack.revisions import extract_revision

__all__ = [
    "ALL_LETTERS",
    "DEFAULT_ENGINE",
    "MANIFEST",
    "TEMPLATE_NAMES",
    "CheckSelection",
    "Deadline",
    "Deadlines",
    "EngineName",
    "Font",
    "FontFile",
    "FontUnreadableError",
    "Layer",
    "LetterSpec",
    "Organization",
    "Outcome",
    "PDFSettings",
    "PackFile",
    "PagePromises",
    "Sources",
    "Stamp",
    "TemplatePack",
    "Templates",
    "built_in",
    "drawn_as",
    "each_of",
    "entry_point_modules",
    "extract_revision",
    "font_faces",
    "image_type",
    "is_path",
    "label",
    "load_case",
    "load_pack",
    "manifest_schema",
    "merge_promises",
    "pack_folders",
    "pack_names",
    "portable",
    "read_font",
    "read_manifest",
    "search_folders",
    "stamp",
    "walk",
]

# A letter as text needs none of these.
__getattr__ = on_demand(
    __name__,
    {
        "cases": ("load_case",),
        "entry_points": ("entry_point_modules",),
        "fonts": ("drawn_as", "font_faces"),
        "images": ("image_type",),
        "opentype": ("FontFile", "FontUnreadableError", "read_font"),
        "revisions": ("extract_revision",),
    },
)
