"""What letters were made with: versions, and the pack with all that it uses."""

import functools
import json
from collections.abc import Mapping

from imrgen._version import __version__
from imrgen.export import DRAFT
from imrgen.pack import TemplatePack
from imrgen.pipeline.options import Options


def made_with(pack: TemplatePack, options: Options) -> Mapping[str, str]:
    """Return what every letter of a pack comes from; no value of a case.

    Args:
        pack: The pack.
        options: How its letters are asked for.
    """
    return {
        "imrgen": __version__,
        "pack": f"{pack.name} {pack.version}",
        "pack_sha256": pack.digest(),
        "letter": options.letter,
        # By number: a name would be a value of the case.
        **({"recipient": str(options.recipient)} if options.recipient else {}),
        **({"overrides": json.dumps(dict(pack.overrides))} if pack.overrides else {}),
        **({"fonts": "embedded"} if options.embed_fonts else {}),
        **({DRAFT: "true"} if options.draft else {}),
        **_versions(),
    }


@functools.cache
def _versions() -> Mapping[str, str]:
    import importlib.metadata  # its own import takes longer than making a letter

    names = ("jinja2", "markdown-it-py", "pydyf", "selectolax", "weasyprint")
    return {name: importlib.metadata.version(name) for name in names}
