"""What a host can see of the letters that its program makes: log records and spans.

Both hold codes, names and times, and no value of a case. A letter that is refused is the case's or
the pack's affair, so it is logged at the level of those that are made, INFO.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from imrgen._version import __version__
from imrgen.diagnostics import ImrgenError
from imrgen.pack import TemplatePack
from imrgen.pipeline.options import Options


class _Step:
    """A step on the way of a letter, which is logged and is a span.

    Args:
        name: `render`, `write` or `check`.
        about: What a person reads of it: the letter, the pack, the format.

    Attributes:
        codes: The codes of what was found, for a step that raises nothing.
    """

    def __init__(self, name: str, about: Mapping[str, str]) -> None:
        self._name = name
        self._about = about
        self._start = time.perf_counter()
        self._span: Any = contextlib.nullcontext()
        self.codes: tuple[str, ...] = ()
        # A program that has spans has loaded this.
        trace = sys.modules.get("opentelemetry.trace")
        if trace is not None:
            self._span = trace.get_tracer("imrgen", __version__).start_as_current_span(
                f"imrgen.{name}",
                attributes={f"imrgen.{key}": value for key, value in about.items()},
                # A host's own exception, which passes through, may quote anything.
                record_exception=False,
                set_status_on_exception=False,
            )

    def __enter__(self) -> _Step:
        self._entered = self._span.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        outcome = "done" if kind is None else "stopped"
        if isinstance(fault, ImrgenError):
            outcome = "refused"
            self.codes = tuple(dict.fromkeys(each.code for each in fault.diagnostics))
        reason = "" if kind is None else kind.__name__
        if self._entered is not None:
            if self.codes:
                self._entered.set_attribute("imrgen.codes", list(self.codes))
            if kind is not None:
                self._entered.set_attribute("error.type", reason)
                self._entered.set_status(sys.modules["opentelemetry.trace"].StatusCode.ERROR)
        self._span.__exit__(kind, fault, traceback)
        self._log(outcome, reason)

    def _log(self, outcome: str, reason: str) -> None:
        # Where nothing has loaded it, nothing can listen.
        logging = sys.modules.get("logging")
        if logging is None:
            return
        logger = logging.getLogger("imrgen")
        if not logger.isEnabledFor(logging.INFO):
            return
        seconds = time.perf_counter() - self._start
        about = ", ".join(f"{key} {value}" for key, value in self._about.items())
        why = ", ".join(filter(None, [reason, *self.codes]))
        found = {"step": self._name, "outcome": outcome, "error": reason, "codes": self.codes}
        logger.info(
            "%s %s: %s%s, %.3f s",
            self._name,
            outcome,
            about,
            f" ({why})" if why else "",
            seconds,
            extra={"imrgen": {**found, **self._about, "seconds": seconds}},
        )


def observed(name: str, options: Options, pack: TemplatePack, **more: str) -> _Step:
    """Return a context that logs a step when it ends, and is a span where the host has spans.

    Args:
        name: `render`, `write` or `check`.
        options: The letter's options.
        pack: Its pack.
        **more: What else tells the step from others, such as the format.
    """
    return _Step(name, {"letter": options.letter, "pack": f"{pack.name} {pack.version}", **more})


def log_case(position: int, failed: bool, codes: tuple[str, ...], seconds: float) -> None:
    """Log what became of a case of a batch.

    Args:
        position: Its position, from 0.
        failed: Whether a letter of it could not be made.
        codes: The codes of what was found.
        seconds: How long it took.
    """
    logging = sys.modules.get("logging")
    if logging is None:
        return
    outcome = "refused" if failed else "done"
    why = f" ({', '.join(codes)})" if codes else ""
    about = {"step": "case", "outcome": outcome, "codes": codes, "position": position}
    logging.getLogger("imrgen").info(
        "case %d of the batch %s%s, %.3f s",
        position + 1,
        outcome,
        why,
        seconds,
        extra={"imrgen": {**about, "seconds": seconds}},
    )
