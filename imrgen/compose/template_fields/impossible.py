"""What templates ask for and no case can have: an error when a pack is loaded.

Under `is defined` or `default` a misspelt name would otherwise lose a paragraph in silence.
"""

from collections.abc import Mapping

from jinja2.utils import LRUCache

from imrgen.compose.environment import Sandbox
from imrgen.compose.template_fields.walk import Walk
from imrgen.diagnostics import Diagnostic
from imrgen.pack import PackFile, TemplatePack

_sound = LRUCache(100)
"""The templates of letters in which nothing was found. Most are the same in the next environment,
and to parse them takes longer than to make a letter.
"""


def impossible_reads(
    pack: TemplatePack, environment: Sandbox, letter: str
) -> tuple[Diagnostic, ...]:
    """Find what a letter's templates ask for and no case can have.

    A place that finds something by another way through the templates, also in another letter, is
    none: templates that are shared may ask what they were given.

    Args:
        pack: The pack.
        environment: The environment of its templates.
        letter: The letter's template.

    Raises:
        jinja2.TemplateError: A template is missing or has a syntax error.
    """
    walk = Walk(pack.model, environment, is_located=False)
    key = pack.name, letter, pack.model, frozenset(walk.globals.items())
    if key in _sound and _are_unchanged(_sound[key], pack):
        return ()
    walk.letter(letter)
    if not walk.miss_count:
        _sound[key] = {name: pack.file(name) for name in walk.looked_up}
        return ()
    from imrgen.compose.template_fields.misses import misses_in  # for a fault only

    return misses_in(pack, environment, letter)


def _are_unchanged(files: Mapping[str, PackFile | None], pack: TemplatePack) -> bool:
    # What a template may ask for depends on whose it is.
    return all(pack.file(name) == file for name, file in files.items())
