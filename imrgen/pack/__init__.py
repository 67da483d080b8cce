"""Step 2, PACK: templates, style sheets, images, fonts and a manifest that make letters.

pack           a pack with all that it extends; where packs are found
manifest       `pack.toml`
images         whether an image can be shown and archived
entry_points   what installed packages add
stamps         how a file stood when it was read
"""

from imrgen.pack.entry_points import modules
from imrgen.pack.fonts import font_faces
from imrgen.pack.images import image_type
from imrgen.pack.manifest import MANIFEST, Choice
from imrgen.pack.pack import TemplatePack, built_in, load_pack, search_path
from imrgen.pack.stamps import Stamp, stamp

__all__ = [
    "MANIFEST",
    "Choice",
    "Stamp",
    "TemplatePack",
    "built_in",
    "font_faces",
    "image_type",
    "load_pack",
    "modules",
    "search_path",
    "stamp",
]
