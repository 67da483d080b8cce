"""What a library's private parts look like, to be compared with what imrgen was written for."""

import dis
import inspect
import pkgutil
from collections.abc import Callable


def shape(path: str) -> str:
    """Return what something of a library looks like: its kind and parameters, or its type.

    Args:
        path: Its module and name, with dots.
    """
    try:
        thing = pkgutil.resolve_name(path)
    except (ImportError, AttributeError):
        return "missing"
    if inspect.isclass(thing):
        return "class"
    if path.endswith(".__init__"):
        return f"sets {', '.join(sorted(_assigned(thing)))}"
    if inspect.isroutine(thing):
        thing = inspect.unwrap(thing)
        kind = "generator" if inspect.isgeneratorfunction(thing) else "function"
        return f"{kind}{inspect.signature(thing)}"
    return type(thing).__name__


def attributes(path: str) -> set[str]:
    """Return the names that a class has, and those that its `__init__` sets; none without it."""
    try:
        class_ = pkgutil.resolve_name(path)
    except (ImportError, AttributeError):
        return set()
    # AbsolutePlaceholder names its attribute in a constant, for `object.__setattr__`.
    constants = {each for each in class_.__init__.__code__.co_consts if isinstance(each, str)}
    return {*dir(class_), *_assigned(class_.__init__), *constants}


def _assigned(init: Callable[..., None]) -> set[str]:
    """List the attributes that an `__init__` sets."""
    return {each.argval for each in dis.get_instructions(init) if each.opname == "STORE_ATTR"}
