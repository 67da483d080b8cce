"""Step 3, COMPOSE: a case and a pack become the document.

composer            the step itself, prepared once for a pack and a letter
environment         Jinja, sandboxed and strict
markdown, dialect   narratives as HTML, and which marks they may use
template_text       the text of a template, and the place of each part
template_errors     where exactly a template is at fault
pack_check          what is wrong with a pack, whatever the case
template_fields/    which fields of the case a letter's templates read
tracing/            where each word of a letter comes from
"""

from typing import TYPE_CHECKING, Any

from imrgen.compose.composer import Composer
from imrgen.compose.environment import Sandbox

if TYPE_CHECKING:
    from imrgen.compose.pack_check import pack_faults

__all__ = ["Composer", "Sandbox", "pack_faults"]


def __getattr__(name: str) -> Any:
    # No letter needs it, and it loads all that faults of templates need.
    if name != "pack_faults":
        raise AttributeError(f"module 'imrgen.compose' has no attribute '{name}'")
    from imrgen.compose.pack_check import pack_faults

    return pack_faults
