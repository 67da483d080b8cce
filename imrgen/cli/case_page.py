"""The page that explains the fields of a case file, docs/case-file.md."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files

from imrgen.case import CORE, Case, Field, Model, readable_text, type_of
from imrgen.cli.starter import written_as_toml
from imrgen.compose import Composer
from imrgen.pack import TemplatePack


class _Letter:
    """A letter, which is a column of the tables.

    Args:
        pack: Its pack.
        name: Its name in the pack.
    """

    def __init__(self, pack: TemplatePack, name: str) -> None:
        self.title = pack.name if len(pack.merged("letters")) == 1 else f"{pack.name} {name}"
        self._requires = pack.requires(name)
        self._fields = Composer(pack, name).fields

    def requires(self, pattern: str) -> bool:
        """Return whether there is no letter without a field."""
        return pattern in self._requires

    def use(self, pattern: str) -> str:
        """Return what the letter does with a field, in a word or two."""
        if self.requires(pattern):
            return "required"
        if self._fields.is_printed(pattern):
            return "printed"
        return "asked for" if self._fields.of(pattern) else "–"


def case_page(model: Model[Case], packs: Sequence[TemplatePack]) -> str:
    """Return the page.

    Args:
        model: The fields.
        packs: The packs whose letters are compared; of a model that is not the core's, its own.
    """
    letters = [_Letter(pack, name) for pack in packs for name in pack.merged("letters")]
    plain = {key: field for key, field in model.root.fields.items() if not _table(field)}
    text = readable_text((files("imrgen.cli") / "case_page.md").read_bytes())
    if model is not CORE:
        (pack,) = packs
        head = f"# Case files of pack `{pack.name}`\n\n{pack.title}. What each field is for:\n\n"
        text = head + text[text.index("| a value |") :]
    parts = [text]
    if plain:
        keys = ", ".join(f"`{key}`" for key in plain)
        parts += ["\n## Above the first table\n\n"]
        parts.append(f"In TOML, {keys} must stand above the first line that begins with `[`.\n\n")
        parts += _rows("", plain, letters)
    sections: dict[str, list[str]] = {}
    for pattern, field in model.patterns():
        table = _table(field)
        if table is not None:
            inner = f"{pattern}[]" if field.item else pattern
            about = [] if "." in pattern else _about(field, letters)
            body = "".join([*about, *_rows(inner, table.fields, letters)])
            sections.setdefault(body, []).append(inner)
    for body, patterns in sections.items():
        heading = ", ".join(f"`{_heading(pattern)}`" for pattern in patterns)
        parts.append(f"\n## {heading}\n\n{body}")
    return "".join(parts)


def _table(field: Field) -> Field | None:
    """Return the table that a field is, or that each item of its list is."""
    table = field.item or field
    return table if table.fields else None


def _heading(pattern: str) -> str:
    """Return a table's pattern, those of the outermost level as TOML writes them."""
    if "." in pattern:
        return pattern
    return f"[[{pattern.removesuffix('[]')}]]" if pattern.endswith("[]") else f"[{pattern}]"


def _about(field: Field, letters: Sequence[_Letter]) -> Iterator[str]:
    """Yield what a table of the outermost level is for."""
    yield f"{field.description}\n\n"
    requiring = [letter.title for letter in letters if letter.requires(field.key)]
    if field.item:
        least = f"; there is no letter of {' or '.join(requiring)} without one" if requiring else ""
        yield f"Repeat `[[{field.key}]]` with its fields for each{least}.\n\n"
    table = _table(field)
    assert table is not None
    published = [f"`{key}`" for key, inner in table.fields.items() if not inner.confidential]
    if not published:
        yield "Confidential: left out when a determination is published.\n\n"
    elif len(published) < len(table.fields):
        names = ", ".join(published)
        yield f"Confidential, except {names}: left out when a determination is published.\n\n"


def _rows(prefix: str, fields: Mapping[str, Field], letters: Sequence[_Letter]) -> Iterator[str]:
    """Yield the table of some fields, line by line."""
    columns = ["field", "what it is for", "type", "example", *(each.title for each in letters)]
    yield _row(columns)
    yield "|---" * len(columns) + "|\n"
    for key, field in fields.items():
        pattern = f"{prefix}.{key}" if prefix else key
        type_ = f"{type_of(field)}; always required" if field.required else type_of(field)
        example = f"`{written_as_toml(field.examples[0], field)}`" if field.examples else ""
        # A table without requirements: its own fields say what is done with them.
        is_open = field.kind == "table" and _table(field)
        uses = [letter.use(prefix if field.is_part else pattern) for letter in letters]
        uses = ["" if is_open and use != "required" else use for use in uses]
        yield _row([f"`{key}`", field.description, type_, example, *uses])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
