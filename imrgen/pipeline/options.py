"""The options of a rendering: one value for the library, the command line, batches and previews."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict

import msgspec

from imrgen.compose import Host
from imrgen.export import Exporter
from imrgen.pack import EngineName, TemplatePack, Templates, each_of, is_path, label, load_pack


class OptionFields(TypedDict, total=False):
    """The options as keyword arguments; `imrgen.Options` says what each means."""

    pack: str | TemplatePack | None
    letter: str
    templates: Templates | Iterable[Templates]
    width: int
    embed_fonts: bool
    embed_case: bool
    check: bool
    select: Iterable[str]
    ignore: Iterable[str]
    overrides: Mapping[str, str]
    context: Mapping[str, Any]
    filters: Mapping[str, Callable[..., Any] | str]
    globals: Mapping[str, Callable[..., Any] | str]
    draft: bool
    recipient: int
    per_recipient: bool
    engine: EngineName | None


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a caller can choose about a letter.

    Args:
        pack: The pack's name; `None` for the pack that stands in the first of `templates`, else
            `imr`. A `Renderer` and `render` also take a pack that `load_pack` has returned.
        letter: The letter's name in the pack; empty for the pack's first.
        templates: Folders or zip files in front of the built-in packs: packs, folders of packs, or
            files that replace a pack's. A `Renderer` and `render` also take what is in no file: see
            `load_pack`.
        width: Columns of the text; 0 for a line per paragraph.
        embed_fonts: Whether HTML holds the pack's fonts, which makes it some 1.5 MB larger.
        embed_case: Whether a PDF holds the case file, as an associated file (ISO 19005-3, 6.8).
        check: Whether a case must pass the checks.
        select: Only these checks, by code or the beginning of codes; empty for the pack's choice.
        ignore: Not these checks.
        overrides: Texts that replace those of the pack's manifest, with their keys, such as
            `words.ombudsman_phone`; sorted.
        context: What templates see as `context`, a program's own values such as the address of a
            portal, as JSON; a caller gives a mapping of texts, numbers, dates, lists and tables.
        filters: A program's own filters by name, each as `MODULE:NAME`; a caller may give the
            function, which must return the same for the same.
        globals: A program's own functions that templates can call, likewise.
        draft: Whether to make a draft: every page and file is marked, there is no seal, a case that
            would be refused is let through, and what it lacks stands as a marked gap.
        recipient: The number of the recipient of the case that the letter is made for, from 1;
            0 for none, or for each where the letter is made for each.
        per_recipient: Whether the letter is made for each recipient of the case, also where its
            manifest does not say so.
        engine: What sets PDFs; `None` for what the pack's manifest says, or else for WeasyPrint.
    """

    pack: str | None = None
    letter: str = ""
    templates: tuple[str, ...] = ()
    width: int = 80
    embed_fonts: bool = False
    embed_case: bool = False
    check: bool = True
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    overrides: tuple[tuple[str, str], ...] = ()
    context: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    globals: tuple[tuple[str, str], ...] = ()
    draft: bool = False
    recipient: int = 0
    per_recipient: bool = False
    engine: EngineName | None = None

    @property
    def host(self) -> Host:
        """What the program gives to templates besides the case."""
        return Host(self.context, self.filters, self.globals)

    @property
    def label(self) -> str:
        """Such as `cover-2`, which tells the letter from others of the case in names of files."""
        return f"{self.letter}-{self.recipient}" if self.recipient else self.letter

    def file_name(self, stem: str, suffix: str) -> str:
        """Return the name of a letter's file, which tells a draft apart.

        Args:
            stem: What the file is called.
            suffix: The suffix of its format, dot included.
        """
        return f"{stem}.draft{suffix}" if self.draft else f"{stem}{suffix}"


def exporter_of(pack: TemplatePack, css: str, options: Options) -> Exporter:
    """Return what the letters of a pack are written with.

    Args:
        pack: The pack.
        css: Its style sheet.
        options: How the letters are asked for.
    """
    return Exporter(
        pack,
        css,
        options.width,
        options.embed_fonts,
        options.draft,
        options.engine or pack.engine,
    )


_MAPPINGS = {
    "overrides": '"words.…": "…"',
    "context": '"portal": "…"',
    "filters": '"barcode": function',
    "globals": '"price": function',
}


def options_of(options: Options | None, changes: OptionFields) -> Options:
    """Return options with some of them changed.

    Args:
        options: The options to start from; `None` for the defaults.
        changes: What differs, as a caller writes it. A pack that is loaded already, and templates
            that are in no file, stand in the options by their names only, which load nothing.

    Raises:
        OptionError: A function cannot be imported, or the context holds what no letter may.
        TypeError: A name is not an option, or its value has another type.
    """
    values: dict[str, Any] = {**changes}
    if "templates" in changes:
        given = enumerate(each_of(changes["templates"]), start=1)
        values["templates"] = tuple(label(number, each) for number, each in given)
    pack = changes.get("pack")
    if isinstance(pack, TemplatePack):
        values["pack"] = pack.name
        values["templates"] = (f"<pack {pack.name}>",)
    for name in ("select", "ignore"):
        if not isinstance(values.get(name, ()), Iterable) or isinstance(values.get(name), str):
            raise TypeError(f"`{name}` is a list: write {name}=[…]")
        if name in values:
            values[name] = tuple(values[name])
    for name, example in _MAPPINGS.items():
        if not isinstance(values.get(name, {}), Mapping):
            raise TypeError(f"`{name}` is a mapping: write {name}={{{example}}}")
    if "overrides" in changes:
        values["overrides"] = tuple(sorted(changes["overrides"].items()))
    values |= _of_host(changes)
    chosen = msgspec.structs.replace(options or Options(), **values)
    try:
        return msgspec.convert(msgspec.to_builtins(chosen), Options)
    except msgspec.ValidationError as error:
        raise TypeError(f"an option has a wrong type: {error}") from None


def _of_host(changes: OptionFields) -> dict[str, Any]:
    """Return what a program gives to templates in the form in which it travels."""
    nothing: dict[str, Any] = {"context": "", "filters": (), "globals": ()}
    given: dict[str, Mapping[str, Any]] = {**changes}  # type: ignore[dict-item]
    given = {name: given[name] for name in nothing if name in given}
    values = {name: nothing[name] for name in given}
    if not any(given.values()):
        return values
    from imrgen.compose import encode_context, path_of  # few programs give any

    if "context" in given:
        values["context"] = encode_context(given.pop("context"))
    for name, functions in given.items():
        values[name] = tuple((each, path_of(functions[each])) for each in sorted(functions))
    return values


def chosen(
    options: Options | None,
    changes: OptionFields,
    loaded_pack: TemplatePack | None = None,
    load: Callable[[str | None, Iterable[Templates]], TemplatePack] = load_pack,
) -> tuple[Options, TemplatePack]:
    """Return what a caller has chosen, and the pack of it.

    Args:
        options: The options to start from; `None` for the defaults.
        changes: What differs, as the caller writes it.
        loaded_pack: A pack in place of that of the options.
        load: Loads a pack by its name, from templates.

    Raises:
        PackError: No such pack, or one of its files is at fault.
        TypeError: An option has another type; a loaded pack and templates are given.
    """
    if "templates" in changes:
        changes = {**changes, "templates": each_of(changes["templates"])}
    given: tuple[Templates, ...] = changes.get("templates", ())  # type: ignore[assignment]
    if isinstance(changes.get("pack"), TemplatePack):
        if given:
            raise TypeError("`templates` are for a pack that is named; give them to `load_pack`")
        loaded_pack = changes["pack"]  # type: ignore[assignment]
    made = options_of(options, changes)
    is_in_files = all(map(is_path, given))
    return made, loaded_pack or load(made.pack, made.templates if is_in_files else given)
