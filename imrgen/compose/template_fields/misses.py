"""What is said of templates that ask for what no case can have."""

import contextlib
from collections.abc import Iterator

import jinja2
import msgspec

from imrgen.case import Case, Model
from imrgen.compose.environment import Sandbox
from imrgen.compose.template_fields.reads import COMPUTED_TEMPLATE, Broken, Miss
from imrgen.compose.template_fields.walk import Walk
from imrgen.diagnostics import Diagnostic, Excerpt, Span, codes
from imrgen.pack import TemplatePack

_DATE = "a date has no"


def misses_in(pack: TemplatePack, environment: Sandbox, letter: str) -> tuple[Diagnostic, ...]:
    """Find what a letter's templates ask for and no case can have; see `impossible_reads`.

    Args:
        pack: The pack.
        environment: The environment of its templates.
        letter: The letter's template.
    """
    walk = Walk(pack.model, environment)
    walk.letter(letter)
    found = set(walk.hits)
    others = {spec.file for spec in pack.merged("letters").values()} - {letter}
    for other in others if walk.misses.keys() - found else ():
        found |= _hits(pack.model, environment, other)
    misses = [miss for place, miss in walk.misses.items() if place not in found]
    return (
        *(_of_broken(broken, pack, environment) for broken in walk.broken),
        *(_of_miss(miss, walk, pack) for miss in misses),
    )


def impossible_anywhere(
    pack: TemplatePack, environment: Sandbox
) -> tuple[tuple[Diagnostic, ...], frozenset[str] | None]:
    """Find what any template of a pack asks for and no case can have.

    Of a template that no letter reaches it is not known which names it is given.

    Args:
        pack: The pack.
        environment: The environment of its templates.

    Returns:
        What was found; and the places of the templates that letters reach, `None` where the name of
        a template is computed.
    """
    walk = Walk(pack.model, environment)
    letters = list(dict.fromkeys(spec.file for spec in pack.merged("letters").values()))
    for letter in letters:
        _walk(walk, letter)
    files = {name: pack.file(name) for name in (*walk.looked_up, *letters)}
    reached = frozenset(file.place for file in files.values() if file)
    is_computed = any(read.pattern == COMPUTED_TEMPLATE for read in walk.reads.values())
    walk.uncalled_macros()
    known = {*walk.misses}
    for name in pack.template_files():
        if pack.require(name).place not in reached:
            _walk(walk, name)
    walk.uncalled_macros()
    found = (
        *(_of_broken(broken, pack, environment) for broken in walk.broken),
        *(
            _of_miss(miss, walk, pack)
            for place, miss in walk.misses.items()
            if place not in walk.hits and (place in known or miss.owner is not None)
        ),
    )
    return found, None if is_computed else reached


def _walk(walk: Walk, template: str) -> None:
    # A template at fault is told when it is compiled.
    with contextlib.suppress(jinja2.TemplateError):
        walk.letter(template)


def _hits(model: Model[Case], environment: Sandbox, letter: str) -> set[tuple[str, int]]:
    walk = Walk(model, environment)
    _walk(walk, letter)
    return walk.hits


def _of_broken(broken: Broken, pack: TemplatePack, environment: Sandbox) -> Diagnostic:
    error = broken.error
    if isinstance(error, jinja2.TemplateNotFound):
        name = str(error.name)
        return Diagnostic(
            codes.PACK_FILE_MISSING,
            f"pack `{pack.name}` has no template `{name}`",
            span=broken.span,
            excerpt=_excerpt(broken.span, pack),
            hints=pack.hints(name),
            trace=tuple(line for line in broken.trace if line.file != broken.span.file),
        )
    from imrgen.compose.template_errors import template_error  # for a fault only

    (found,) = template_error(error, pack, environment).diagnostics
    return msgspec.structs.replace(found, trace=broken.trace)


def _of_miss(miss: Miss, walk: Walk, pack: TemplatePack) -> Diagnostic:
    if miss.owner is None:
        message = f"there is no `{miss.name}` here"
        hints = (*_scope(miss.name, walk), *miss.hints)
    else:
        message = f"{_owner(miss.owner, walk.model)} `{miss.name}`"
        hints = miss.hints
    if message.startswith(_DATE):
        message, hints = f"{message} here", ("the filter `date` writes dates",)
    return Diagnostic(
        codes.TEMPLATE_UNDEFINED,
        message,
        span=miss.span,
        excerpt=_excerpt(miss.span, pack),
        hints=hints or tuple(_elsewhere(miss.name, walk.model)),
        trace=miss.trace,
    )


def _excerpt(span: Span, pack: TemplatePack) -> Excerpt:
    file = pack.at(span.file)
    lines = file.text.split("\n") if file else []
    return Excerpt.of(lines[span.line - 1], span)


def _scope(name: str, walk: Walk) -> Iterator[str]:
    """Yield where a name is in scope that is not where it is used."""
    if name in walk.model.root.fields:
        yield "the case is not passed on here; include or import the template `with context`"
    elif name in walk.bindings:
        by, place = walk.bindings[name]
        yield f"`{name}` is set by {by} at {place.file}:{place.line}, and is used outside it"
    elif name == "loop":
        yield "`loop` is there inside a `for` only"


def _elsewhere(name: str, model: Model[Case]) -> Iterator[str]:
    """Yield the fields of other tables that are called so, or nearly so."""
    import difflib  # for a fault only

    patterns: dict[str, list[str]] = {}
    for pattern, _ in model.patterns():
        key = pattern.removesuffix("[]").rpartition(".")[2]
        patterns.setdefault(key, []).append(pattern)
    close = [name] if name in patterns else difflib.get_close_matches(name, patterns, 1, 0.8)
    for key in close:
        yield f"there is {', '.join(f'`{each}`' for each in patterns[key])}"


def _owner(owner: str, model: Model[Case]) -> str:
    """Return the beginning of a message: what has no such thing."""
    field = model.find(owner)
    if field is None:
        return f"{owner} has no"
    if field.kind == "date":
        return _DATE
    if field.item is not None:
        return f"`{field.key}` is a list, and has no"
    if not field.fields:
        return f"`{field.key}` has no"
    return (
        f"an item of `{field.key}` has no field"
        if owner.endswith("[]")
        else f"`{field.key}` has no field"
    )
