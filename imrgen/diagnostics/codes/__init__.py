"""Every code that imrgen can report: its title, its severity and its manual.

A code has one meaning. Those of checks (`IMR3..`) are registered by `imrgen.checks.check`, all
others in the modules below. Code elsewhere uses the constants, never the ids:

    Diagnostic(codes.UNKNOWN_PACK, "there is no pack `acme`")

registry     the data of a code, and all codes by id
inputs       case files
packs        packs and templates
letters      letters
signatures   the signatures of letters, and their verification
batches      batches and the preview
"""

from imrgen.diagnostics.codes.batches import *  # noqa: F403 - each module defines nothing but codes
from imrgen.diagnostics.codes.inputs import *  # noqa: F403
from imrgen.diagnostics.codes.letters import *  # noqa: F403
from imrgen.diagnostics.codes.packs import *  # noqa: F403
from imrgen.diagnostics.codes.registry import Code as Code
from imrgen.diagnostics.codes.registry import Family as Family
from imrgen.diagnostics.codes.registry import Group as Group
from imrgen.diagnostics.codes.registry import register as register
from imrgen.diagnostics.codes.registry import registry as registry
from imrgen.diagnostics.codes.signatures import *  # noqa: F403
