"""Codes of what goes into a letter: case files, packs and their templates."""

from imrgen.diagnostics.codes.registry import Family

_READING = Family("Reading a file", "schema")
_SCHEMA = Family("Contents of a case file", "schema")

CASE_UNREADABLE = _READING.code(
    "IMR001",
    "A file cannot be read",
    """
    What: A case file, a pack's manifest or the project's settings cannot be read: the file does not
    exist, is a folder, or may not be read by this user.

    Why: There is no case to render.

    Fix: Check the path and the file's permissions. Where a file of the same name with another
    suffix exists, the message names it.

    Example:
        $ imrgen render cases/smith.tom
    """,
)
INVALID_TOML = _READING.code(
    "IMR002",
    "Not valid TOML",
    """
    What: The file breaks the rules of TOML 1.1, or is empty but for comments. Files are read as
    TOML unless their name ends in `.json` or, without `.toml`, their text begins with a brace. All
    faults are reported at once, together with those of the contents. Of the line at fault only the
    schema's keys are shown.

    Why: A parser that guesses could put a value into the wrong field.

    Fix: Correct each line as its message says:
    - A text stands between straight quotes, `"…"`. A text with quotes in it, or with backslashes,
      stands between single quotes, `'…'`; a text of several lines between three quotes.
    - A date is `2016-11-02`, without quotes. Yes and no are `true` and `false`.
    - A key and its value are joined by `=`, one of them on a line, without a comma at the end.
    - A table's header, `[case]`, stands there once. An item of a list has a header of its own, in
      double brackets: `[[issues]]`.

    Example:
        [case]
        number = CM16-0012345          # a text needs quotes
    """,
)
INVALID_JSON = _READING.code(
    "IMR003",
    "Not valid JSON",
    """
    What: The text is not JSON (RFC 8259), or is JSON that two parsers may read in two ways: a key
    twice in one object, `NaN`, half of a surrogate pair. A JSON file, and each line of a `.jsonl`
    file, must hold one object. All faults are reported at once, together with those of the
    contents. Of the line at fault only the schema's keys are shown.

    Why: Most parsers keep the last value of a repeated key and silently drop the first.

    Fix: Correct each line as its message says. Texts, dates and keys stand between double quotes; a
    comma stands between two items, and none behind the last; there are no comments; `true`, `false`
    and `null` are written in small letters.

    Example:
        {"case": {"number": "CM16-0012345", "number": "CM16-0054321"}}
    """,
)
TOO_LARGE = _READING.code(
    "IMR004",
    "Too large",
    """
    What: The file is larger than 4 MiB, is nested too deep, has a key of more than a hundred parts,
    more than 200,000 full stops in TOML (each may make another table), or holds a number of
    thousands of digits. The limit of size applies to each line of a `.jsonl` file, to a text that
    the preview saves, and to the texts of a case that a program passes as a mapping.

    Why: Real cases stay below 200 KB. Reading a file that was made to exhaust memory would take the
    other letters down with it.

    Fix: Look for content that does not belong there, such as scanned records pasted into a
    narrative.

    Example:
        clinical_summary = "(five megabytes of text)"
    """,
)
NOT_UTF8 = _READING.code(
    "IMR005",
    "Not UTF-8",
    """
    What: The file contains a byte that is not valid UTF-8, at the line and column of the message,
    or is in UTF-16 or UTF-32. This applies to every text: case files, JSON Lines, packs with their
    templates, style sheets and SVG files, settings, files of passphrases, and standard input.

    Why: With a guessed encoding, names and quotation marks would turn into other characters.

    Fix: Save the file as UTF-8, with or without a byte order mark. The message names the encoding
    where the bytes show it: Notepad calls UTF-16 "Unicode" and Windows-1252 "ANSI", and lists all
    of them under "Save as".

    Example:
        name = "José Example"          # saved as Windows-1252
    """,
)
NO_CASE_FILE = _READING.code(
    "IMR006",
    "Another kind of file",
    """
    What: The file is not meant as a case file, as its content shows: an Excel workbook, a Word
    document, CSV, YAML, a PDF, a web page, an image, a ZIP file, JSON Lines, plain text.

    Why: A case file is TOML or JSON with the fields of a case. imrgen guesses none of them.

    Fix: `imrgen new case.toml` writes a case file to begin with. A spreadsheet becomes JSON Lines,
    of which `imrgen batch` makes all letters; docs/spreadsheets.md shows how.

    Example:
        $ imrgen render cases.xlsx
    """,
)

UNKNOWN_KEY = _SCHEMA.code(
    "IMR101",
    "Unknown key",
    """
    What: A case file, a pack's manifest or the project's settings has a key that imrgen does not
    know at this place.

    Why: A misspelt key would silently be left out of the letter.

    Fix: Use the key that the message suggests, or one of those it lists. `imrgen schema` prints
    all keys of a case file, for editors that complete them. Where a key is right but in the wrong
    table, look at the `[table]` header above it.

    Example:
        [case]
        decison_date = 2016-11-02
    """,
)
WRONG_TYPE = _SCHEMA.code(
    "IMR102",
    "A value of the wrong type",
    """
    What: A value has a type that its field does not take, such as a text where a number belongs, or
    a date that does not exist. Data passed by a program may contain only what JSON can express, and
    dates.

    Why: The letter must state what was meant; no value is converted by guessing.

    Fix: Write the type that the message asks for. Dates are written without quotes in TOML, and as
    "2016-11-02" in JSON.

    Example:
        [employee]
        age = "46"
    """,
)
WRONG_VALUE = _SCHEMA.code(
    "IMR103",
    "A value that the field does not allow",
    """
    What: A value has the right type but is none of those that the field allows: one of a few words,
    a number within bounds (amounts are neither negative nor infinite), a text in a certain form.

    Why: Letters and checks rely on these values. `denied` in place of `upheld`, for example, could
    be read either way.

    Fix: Choose one of the values that the message lists, or write the text in the form it asks
    for.

    Example:
        [case]
        priority = "urgent"            # must be standard or expedited
    """,
)
CONTRADICTION = _SCHEMA.code(
    "IMR104",
    "Fields that contradict each other",
    """
    What: Fields that are allowed by themselves do not fit together. A modification has requested,
    authorized and remaining amounts, all three, and `ur_action = "modified"`; no more is authorized
    than was requested; `depends_on` repeats the `item` of another issue, word for word.

    Why: The letter would contain two statements of which one is wrong.

    Fix: Complete or remove the fields that the message names.

    Example:
        [[issues]]
        item = "Physical therapy"
        ur_action = "denied"
        authorized = { quantity = 6, unit = "sessions" }
    """,
)
MISSING_KEY = _SCHEMA.code(
    "IMR105",
    "A key is missing",
    """
    What: A table lacks a key that is always required. What only a certain letter requires is
    IMR106.

    Why: The table has no meaning without it, such as a document without its kind.

    Fix: Add the key, or remove the table.

    Example:
        [[documents]]
        author = "Example Medical Group"   # kind is missing
    """,
)
REQUIRED_BY_LETTER = _SCHEMA.code(
    "IMR106",
    "A field that the letter requires is missing",
    """
    What: The case is valid, but lacks a field, or has an empty list, that the manifest of the pack
    lists as required by this letter (`requires` in `[letters.NAME]`).

    Why: The letter would be sent with a gap in it.

    Fix: Add the field. `imrgen packs show NAME` lists what each letter of a pack requires.

    Example:
        [case]
        priority = "standard"          # number and decision_date are missing
    """,
)
UNKNOWN_NOTICE = _SCHEMA.code(
    "IMR107",
    "The pack has no notice of this name",
    """
    What: An issue asks for a notice (`notices`) that the pack does not define under `[notices]`.

    Why: A notice is wording that must be in the letter; it must not silently be left out.

    Fix: Use one of the names that the message lists, or add the notice to the pack's manifest.

    Example:
        [[issues]]
        notices = ["no-such-notice"]
    """,
)
NARRATIVE_LOST = _SCHEMA.code(
    "IMR110",
    "A part of a narrative would be lost",
    """
    What: A text in Markdown has a part that the letter cannot show: a table row longer than the
    table's header, the title of a link, a backslash or an entity in a link's address.

    Why: Markdown silently drops such parts, and words of a rationale would be lost.

    Fix: Give the table's header as many cells as its longest row; write the link's title into the
    text.

    Example:
        | Date | Finding |
        |---|---|
        | 2016-05-03 | Normal gait | No swelling |
    """,
)
