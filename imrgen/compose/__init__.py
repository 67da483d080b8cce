"""Step 3, COMPOSE: a case and a pack become the document.

composer            the step itself, prepared once for a pack and a letter
environment         Jinja, sandboxed and strict
markdown, dialect   narratives as HTML, and which marks they may use
template_text       the text of a template, and the place of each part
template_errors     where exactly a template is at fault
template_fields/    which fields of the case a letter's templates read
tracing/            where each word of a letter comes from
"""

from imrgen.compose.composer import Composer
from imrgen.compose.environment import Sandbox

__all__ = ["Composer", "Sandbox"]
