"""What a template can do with a value: the filters, and what may be printed at all.

Text, numbers and dates can be printed, and a table that says itself how it is written, such as an
amount. Any other table, a list, a truth value or nothing cannot: its Python form would stand in the
letter. There is no clock and no chance, so that a letter can be made again.
"""

from __future__ import annotations

import datetime
import decimal
import functools
import inspect
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jinja2
from jinja2 import filters as jinja_filters
from jinja2.runtime import Undefined
from markupsafe import Markup

from imrgen.case import Table
from imrgen.compose.missing import Gap

DATE_ATTRIBUTES = frozenset(("year", "month", "day", "isoformat", "weekday", "isoweekday"))
"""What a template can ask of a date: nothing that reads the clock or the host's locale."""

_WITHHELD = {
    "random": "the same case has to give the same letter each time",
    "tojson": "it prints JSON; print the fields that the letter shows",
    "pprint": "it prints Python's form of a value; print the fields that the letter shows",
}
_OF_TEXT = (
    "capitalize",
    "center",
    "e",
    "escape",
    "forceescape",
    "indent",
    "lower",
    "string",
    "striptags",
    "title",
    "trim",
    "truncate",
    "upper",
    "urlencode",
    "urlize",
    "wordcount",
    "wordwrap",
)
"""Jinja's filters that make a text of whatever they are given."""

_AMERICAN = ("en", "en-US")
# White space that is not one space already: most texts have none of it.
_SPACE = re.compile(r"(?:[\t\n\r\f]| [ \t\n\r\f])[ \t\n\r\f]*")
_ENDED = re.compile(r"""\.(?:["'”’]|&#34;|&#39;)*$""")
_PYTHON_FORM = r"(?<!%)(?:%%)*%(?:\([^)]*\))?[-+ #0-9.*]*[ra]|(?<!\{)(?:\{\{)*\{[^{}]*![ra]"
_DIRECTIVE = r"%(-?)(.)"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def withheld(name: str) -> tuple[str, ...]:
    """Return why a filter of Jinja's cannot be used in a letter, if that is so."""
    return (_WITHHELD[name],) if name in _WITHHELD else ()


def kind(value: Any) -> str:
    """Return what a value is, in an author's words."""
    kinds: tuple[tuple[Any, str], ...] = (
        (Undefined, "a missing value"),
        (type(None), "nothing"),
        (bool, "true or false"),
        (str, "text"),
        (int | float | decimal.Decimal, "a number"),
        (datetime.date, "a date"),
        (Table | Mapping, "a table"),
        (Iterable, "a list"),
    )
    found = (words for types, words in kinds if isinstance(value, types))
    return next(found, "neither text nor a number nor a date")


def printable(value: Any) -> Any:
    """Return a value that may stand in a letter.

    Raises:
        jinja2.UndefinedError: It is missing.
        jinja2.TemplateRuntimeError: It is no text, number or date.
    """
    if isinstance(value, str):
        # HTML has no line break of Word's; a narrative that is printed as it is may hold some.
        return value.replace("\x0b", "\n") if "\x0b" in value else value
    if isinstance(value, Gap):
        return value
    if isinstance(value, Undefined):
        return str(value)
    is_number = isinstance(value, int | float | decimal.Decimal) and not isinstance(value, bool)
    is_written = isinstance(value, Table) and type(value).__str__ is not object.__str__
    if isinstance(value, float) and math.isfinite(value):
        return _as_written(value)
    if isinstance(value, datetime.date) or is_written or (is_number and math.isfinite(value)):
        return value
    words = "not a finite number" if is_number else kind(value)
    raise _unfit(f"this is {words}; only text, numbers and dates can be printed")


@jinja2.pass_context
def finalize(_context: Any, value: Any) -> Any:
    """Return what `{{ … }}` prints.

    Jinja computes no constant of a template when it compiles while this takes the context, so that
    a limit of time and memory holds for all of a template.
    """
    return printable(value)


def filters(language: str) -> dict[str, Callable[..., Any]]:
    """Return the filters of a letter, Jinja's among them.

    Args:
        language: The letter's language, a BCP 47 tag such as `en-US`.
    """
    own = {name: _of_text(jinja_filters.FILTERS[name]) for name in _OF_TEXT}
    return {
        **{name: each for name, each in jinja_filters.FILTERS.items() if name not in _WITHHELD},
        **own,
        "format": _format,
        "join": _join,
        "replace": _replace,
        "xmlattr": _xmlattr,
        "squeeze": strict("squeeze", squeeze),
        "full_stop": strict("full_stop", full_stop),
        "lines": strict("lines", lines),
        "plural": strict("plural", plural),
        "date": strict("date", format_date, language=language),
        "number": strict("number", format_number, language=language),
        "money": strict("money", format_money, language=language),
    }


def strict(name: str, function: Callable[..., str], **fixed: str) -> Callable[..., str]:
    """Return a filter that refuses, in words, arguments which do not fit.

    Args:
        name: The filter's name.
        function: What it does with a value, and with texts that a template may give besides.
        **fixed: Arguments that no template gives.
    """
    known = [*inspect.signature(function).parameters][1:]
    known = [each for each in known if each not in fixed]

    @functools.wraps(function)
    def filtered(value: Any, *arguments: Any, **named: Any) -> str:
        if not (arguments or named):
            return function(value, **fixed)
        if len(arguments) > len(known) or not {*known[len(arguments) :]} >= {*named}:
            takes = f"only `{'`, `'.join(known)}`" if known else "nothing"
            raise _unfit(f"`{name}` takes {takes} between parentheses")
        for argument in (*arguments, *named.values()):
            if not isinstance(printable(argument), str | Gap):
                words = f"`{name}` takes text between parentheses, and this is {kind(argument)}"
                raise _unfit(words)
        return function(value, *arguments, **named, **fixed)

    return filtered


def bounded_range(*arguments: Any) -> range:
    """Return a range of whole numbers.

    Raises:
        jinja2.TemplateRuntimeError: It has more than 10,000 numbers, or these are not whole.
    """
    if not all(isinstance(each, int) for each in arguments) or not 1 <= len(arguments) <= 3:
        raise _unfit("`range` takes one to three whole numbers")
    numbers = range(*arguments)
    if numbers[10_000:]:
        raise _unfit("`range` has more than 10,000 numbers")
    return numbers


def squeeze(text: str) -> str:
    """Join the lines of a text, with one space for all white space but no-break spaces."""
    joined = _SPACE.sub(" ", _text(text, "squeeze")).strip(" ")
    # What is Markup was escaped before.
    return Markup(joined) if isinstance(text, Markup) else joined  # noqa: S704


def full_stop(text: str) -> str:
    """Join a text's lines, and add a full stop unless it has one, perhaps inside closing quotes."""
    line = squeeze(_text(text, "full_stop"))
    return line if _ENDED.search(line) else line + "."


def lines(text: str) -> Markup:
    """Show the lines of a text such as an address below each other; each is escaped."""
    rows = _text(text, "lines").strip().splitlines()
    return Markup("<br>\n").join([row.strip() for row in rows])


def plural(count: float, one: str = "", many: str | None = None) -> str:
    """Return the word for one thing or for another number of things.

    Args:
        count: The number, which may be a fraction.
        one: The word for exactly one; it must not be empty.
        many: The word for any other number; by default `one` with an `s`.
    """
    if not one:
        raise _unfit('`plural` takes the word for one thing, such as `plural("item")`')
    _number(count, "plural")
    return one if count == 1 else many or f"{one}s"


def format_date(value: datetime.date, style: str = "numeric", *, language: str = "en-US") -> str:
    """Write a date.

    Args:
        value: The date.
        style: `numeric` (11/02/2016), `long` (November 2, 2016), `iso` (2016-11-02), or directives
            of `strftime` for a day: `%d %-d %m %-m %B %b %A %a %Y %y %j %%`.
        language: The language of the names and of the order.
    """
    if not isinstance(value, datetime.date):
        raise _unfit(f"`date` writes a date, and this is {kind(value)}")
    if style == "iso":
        return value.isoformat()
    if "%" in style:
        return re.sub(_DIRECTIVE, lambda match: _directive(value, match, language), style)
    if style not in ("numeric", "long"):
        raise _unfit("`date` takes `numeric`, `long`, `iso`, or a pattern such as `%B %-d, %Y`")
    if language not in _AMERICAN:
        dates = _babel("dates", language)
        locale = language.replace("-", "_")
        if style == "long":
            return str(dates.format_date(value, "long", locale=locale))
        return str(dates.format_skeleton("yMd", value, locale=locale))
    if style == "long":
        return f"{_MONTHS[value.month - 1]} {value.day}, {value.year}"
    return f"{value.month:02}/{value.day:02}/{value.year:04}"


def format_number(value: float, *, language: str = "en-US") -> str:
    """Write a number with separators, at most three digits behind the point, and no idle zeros."""
    _number(value, "number")
    if language not in _AMERICAN:
        numbers = _babel("numbers", language)
        return str(numbers.format_decimal(value, locale=language.replace("-", "_")))
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def format_money(value: float, currency: str = "USD", *, language: str = "en-US") -> str:
    """Write an amount of money with two decimals: `$1,250.00`.

    Args:
        value: The amount. One that has parts of a cent is refused, since no rule of rounding fits
            every letter.
        currency: The ISO 4217 code.
        language: The language, which decides on order and separators.
    """
    _number(value, "money")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise _unfit('`money` takes the code of a currency, such as `money("EUR")`')
    cents = round(value * 100)
    if abs(value * 100 - cents) > 1e-6:
        raise _unfit("`money` writes whole cents, and this has parts of a cent; use `round(2)`")
    if language not in _AMERICAN or currency != "USD":
        numbers = _babel("numbers", language)
        locale = language.replace("-", "_")
        return str(numbers.format_currency(cents / 100, currency, locale=locale))
    return f"{'-' if cents < 0 else ''}${abs(cents) / 100:,.2f}"


def _directive(value: datetime.date, match: re.Match[str], language: str) -> str:
    is_short, letter = match[1] == "-", match[2]
    if letter in "BbAa":
        if language not in _AMERICAN:
            pattern = {"B": "MMMM", "b": "MMM", "A": "EEEE", "a": "EEE"}[letter]
            locale = language.replace("-", "_")
            return str(_babel("dates", language).format_date(value, pattern, locale=locale))
        name = _MONTHS[value.month - 1] if letter in "Bb" else _WEEKDAYS[value.weekday()]
        return name if letter in "BA" else name[:3]
    numbers = {
        "d": (value.day, 2),
        "m": (value.month, 2),
        "y": (value.year % 100, 2),
        "Y": (value.year, 4),
        "j": (value.timetuple().tm_yday, 3),
    }
    if letter == "%":
        return "%"
    if letter not in numbers:
        raise _unfit("`date` knows the directives %d %-d %m %-m %B %b %A %a %Y %y %j %%")
    number, width = numbers[letter]
    return str(number) if is_short else f"{number:0{width}}"


def _babel(module: str, language: str) -> Any:
    """Import a module of Babel, which knows how other languages write dates and numbers."""
    try:
        import babel.dates  # an extra, which loads for longer than a letter takes
        import babel.numbers
    except ImportError:
        message = "dates and numbers in the pack's language need Babel"
        raise _unfit(f'{message}; install it by: pip install "imrgen[languages]"') from None
    try:
        babel.Locale.parse(language, sep="-")
    except (ValueError, babel.UnknownLocaleError):
        raise _unfit("Babel does not know the pack's language") from None
    return getattr(babel, module)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise _unfit(f"`{name}` takes text, and this is {kind(value)}")
    return value


def _number(value: Any, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | decimal.Decimal):
        raise _unfit(f"`{name}` takes a number, and this is {kind(value)}")
    if not math.isfinite(value):
        raise _unfit(f"`{name}` takes a number, and this is not a finite one")


def _unfit(message: str) -> jinja2.TemplateRuntimeError:
    return jinja2.TemplateRuntimeError(message)


def _of_text(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter of text that is given only what can be printed."""
    position = 1 if hasattr(function, "jinja_pass_arg") else 0

    @functools.wraps(function)
    def of_text(*arguments: Any, **options: Any) -> Any:
        text = printable(arguments[position])
        return function(*arguments[:position], text, *arguments[position + 1 :], **options)

    return of_text


def _as_written(value: float) -> float | str:
    """Return a number as people write it: 12.0 as 12, 0.1 + 0.2 as 0.3, no powers of ten."""
    rounded = float(f"{value:.15g}")
    if rounded.is_integer():
        return int(rounded)
    if "e" in repr(rounded):
        return f"{decimal.Decimal(repr(rounded)):f}"
    return value if rounded == value else rounded


def refuse_python_forms(text: str) -> None:
    """Refuse a text with places, such as `%s` or `{}`, that ask for Python's form of a value.

    Raises:
        jinja2.TemplateRuntimeError: It has `%r`, `%a`, `{!r}` or `{!a}`.
    """
    if re.search(_PYTHON_FORM, text):
        raise _unfit("`r` and `a` ask for Python's form of a value; write `%s` or `{}`")


def is_named(text: str) -> bool:
    """Return whether all places of a text have names, such as `%(name)s`.

    Any other place would be filled with Python's form of all values together.
    """
    return "%" not in re.sub(r"%%|%\(", "", text)


def _format(value: str, *arguments: Any, **names: Any) -> str:
    """Fill in the places of a text such as `%s`; see Jinja's `format`."""
    refuse_python_forms(value)
    if names and not is_named(value):
        raise _unfit("`format` with names fills only places that have names, such as `%(name)s`")
    filled = {name: printable(each) for name, each in names.items()}
    return jinja_filters.do_format(value, *map(printable, arguments), **filled)


@jinja2.pass_eval_context
def _replace(context: Any, value: str, old: str, new: str, count: int | None = None) -> str:
    """Replace a part of a text by another; see Jinja's `replace`."""
    texts = (printable(value), printable(old), printable(new))
    return jinja_filters.do_replace(context, *texts, count)


@jinja2.pass_eval_context
def _xmlattr(context: Any, attributes: Mapping[str, Any], autospace: bool = True) -> str:
    """Write the attributes of an element; see Jinja's `xmlattr`."""
    given = {name: each for name, each in attributes.items() if each is not None}
    values = {
        name: each if isinstance(each, Undefined) else printable(each)
        for name, each in given.items()
    }
    return jinja_filters.do_xmlattr(context, values, autospace)


@jinja2.pass_eval_context
def _join(
    context: Any, items: Iterable[Any], between: str = "", attribute: str | int | None = None
) -> str:
    """Join the items of a list; see Jinja's `join`."""
    if attribute is not None:
        items = map(jinja_filters.make_attrgetter(context.environment, attribute), items)
    return jinja_filters.sync_do_join(
        context, [printable(each) for each in items], printable(between)
    )
