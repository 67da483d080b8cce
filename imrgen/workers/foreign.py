"""Which exceptions are not the letter's: whoever called imrgen has raised them into it."""

import inspect
import sys
from collections.abc import Mapping
from types import FrameType, ModuleType
from typing import Any

from imrgen.workers.limits import TimedOut


def is_foreign(exception: BaseException) -> bool:
    """Return whether an exception is the host's own, so that imrgen must let it pass.

    That is what a signal handler raises, such as the timeout of a task queue; an exception of a
    package that has no part in what was called, which another thread has planted; and whatever asks
    for the end of the program. The timeout of one of imrgen's own workers is none.
    """
    if isinstance(exception, TimedOut):
        return False
    if not isinstance(exception, Exception):
        return True
    if isinstance(exception, TimeoutError) and exception.errno is None:
        return True  # the system's have a number
    packages = {"builtins", "imrgen", "msgspec", *sys.stdlib_module_names}
    traceback = exception.__traceback__
    while traceback is not None:
        if _is_handler(traceback.tb_frame):
            return True
        packages |= _known(traceback.tb_frame.f_globals)
        traceback = traceback.tb_next
    return _package(type(exception).__module__) not in packages


def _known(names: Mapping[str, Any]) -> set[str]:
    """Return the package of a module, and those that it has imported or whose classes it has."""
    modules = [names.get("__name__", "")]
    for value in names.values():
        if isinstance(value, ModuleType):
            modules.append(value.__name__)
        elif isinstance(value, type):
            modules.append(value.__module__)
    return set(map(_package, modules))


def _package(module: str) -> str:
    return module.partition(".")[0]


def _is_handler(frame: FrameType) -> bool:
    """Return whether a frame is that of a signal handler: it was given the interrupted frame."""
    code = frame.f_code
    given = [frame.f_locals.get(name) for name in code.co_varnames[: code.co_argcount]]
    if code.co_flags & inspect.CO_VARARGS:
        given += frame.f_locals.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount], ())
    return any(isinstance(each, FrameType) for each in given)
