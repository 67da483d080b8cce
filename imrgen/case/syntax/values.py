"""What someone meant who typed a value that TOML or JSON does not have."""

from __future__ import annotations

import datetime
import re
from typing import Literal

from imrgen.case.fields import Field, plain

Kind = Literal["toml", "json"]

_NOTHING = re.compile(r"(?:none|null|nil|undefined|nan|n/?a|-+|\?+)", re.IGNORECASE)
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"\d{{1,4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,4}})?|{_MONTH}[ -]*\d{{1,2}}[a-z]*,?[ -]*\d{{2,4}}|"
    rf"\d{{1,2}}[ -]*{_MONTH}[ -,]*\d{{2,4}}",
    re.IGNORECASE,
)
_WRITTEN_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TRUTH = re.compile(r"(?:true|false|yes|no|on|off|y|n|t|f)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+#$~]?\d[\d.,' ]*%?|[-+]?\.\d+")


def explain(token: str, field: Field | None, kind: Kind) -> tuple[str, str]:
    """Explain why an unquoted value cannot be read.

    Args:
        token: What stands there.
        field: The field it is the value of, `None` for a key that is in no model.
        kind: The language.

    Returns:
        The message, and the hint.
    """
    types = {plain(each) for each in field.alternatives} if field else set()
    if not token:
        return "the value is missing", "write one, or take the key out"
    if _NOTHING.fullmatch(token):
        hint = "take the line out" if kind == "toml" else "write null, or leave the key out"
        return f"{kind.upper()} has no such word", hint
    if _is_meant(types, _DATE, token, {datetime.date}):
        return _explain_date(token, kind)
    if _is_meant(types, _TRUTH, token, {bool}):
        return "yes and no are written as true and false", "write true or false"
    if _is_meant(types, _NUMBER, token, {int, float}):
        return "this is not how a number is written", "write digits only, such as 1250 or 0.5"
    if field is not None and field.fields and not any(kind is str for kind in types):
        return "this must be a table", "write { … }"
    is_list = field is not None and field.item is not None
    return "a text must stand between quotes", 'write ["…"]' if is_list else 'write "…"'


def _is_meant(types: set[object], shape: re.Pattern[str], token: str, of: set[object]) -> bool:
    """Return whether a value is meant to be of some types: by its field, else by its shape."""
    return types <= of if types else bool(shape.fullmatch(token))


def _explain_date(token: str, kind: Kind) -> tuple[str, str]:
    form = "2016-11-02, without quotes" if kind == "toml" else '"2016-11-02"'
    if not _WRITTEN_DATE.fullmatch(token):
        return "this is not how a date is written", f"write it as {form}"
    if kind == "json":
        return "a date must stand between quotes", f"write it as {form}"
    return "there is no such day", "correct the month or the day"
