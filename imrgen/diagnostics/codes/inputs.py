"""Codes of what goes into a letter: case files, packs and their templates."""

from imrgen.diagnostics.codes.registry import Family

_READING = Family("Reading a file", "schema")
_SCHEMA = Family("Contents of a case file", "schema")
_PACKS = Family("Packs and templates", "template")

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
    What: The file breaks the rules of TOML 1.1. Files are read as TOML unless their name ends in
    `.json` or, without `.toml`, their text begins with a brace. All faults are reported at once,
    together with those of the contents. Of the line at fault only the schema's keys are shown.

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

UNKNOWN_PACK = _PACKS.code(
    "IMR201",
    "There is no such pack",
    """
    What: No pack has the requested name, given by `--pack`, by a program, or by `extends` in a
    pack's manifest. Packs are searched for in the folders of `--templates`, then among the built-in
    packs and those of installed packages.

    Why: A letter of another pack would have other wording.

    Fix: Use the name that the message suggests, or name the folder of your pack by `--templates`.
    `imrgen packs` lists all packs.

    Example:
        $ imrgen render case.toml --pack acme
    """,
)
UNKNOWN_LETTER = _PACKS.code(
    "IMR202",
    "The pack has no such letter",
    """
    What: Neither the pack nor a pack that it extends defines a letter of this name under
    `[letters.NAME]`.

    Why: There is no template for the letter.

    Fix: Use the name that the message suggests; `imrgen packs show NAME` lists a pack's letters.

    Example:
        $ imrgen render case.toml --letter determinaton
    """,
)
UNKNOWN_REQUIREMENT = _PACKS.code(
    "IMR203",
    "A letter requires a field that no case has",
    """
    What: `requires` of a letter in a pack's manifest names a field that a case file cannot have.

    Why: No case could ever meet the requirement, or a misspelt one would have no effect.

    Fix: Write the field as in `imrgen schema`, with `[]` behind lists: `issues[].rationale`.

    Example:
        [letters.determination]
        requires = ["case.nummer"]
    """,
)
PACK_FILE_MISSING = _PACKS.code(
    "IMR204",
    "A file of the pack is missing",
    """
    What: A manifest, a template or a style sheet names a file that neither the pack nor a pack that
    it extends has: a template, a style sheet, an image, a font.

    Why: The letter would lack it, often unnoticed.

    Fix: Correct the name or add the file; `imrgen packs show NAME` lists a pack's files. Files
    outside the pack's folder do not belong to the pack, even if a link leads to them.

    Example:
        {% include "blocks/isue.html" %}
    """,
)
TEMPLATE_SYNTAX = _PACKS.code(
    "IMR205",
    "A template has a syntax error",
    """
    What: Jinja cannot compile the template. The same code reports an unknown filter or test and, in
    a template that extends another, a block that overrides none or text outside all blocks.

    Why: Jinja itself silently drops such blocks and such text.

    Fix: Correct the place that the message names.

    Example:
        <p>{{ case.number </p>
    """,
)
TEMPLATE_UNDEFINED = _PACKS.code(
    "IMR206",
    "A template uses an undefined value",
    """
    What: A template names something that no case and no manifest of the pack can give a value, or
    uses a field that this case does not have. Templates have no access to Python's internals, which
    are reported in the same way.

    Why: Jinja would print nothing in its place, and a sentence would have a gap. After `is defined`
    or `default`, a misspelt name would silently count as missing in every case. So a name that
    cannot have a value is an error when the pack is loaded, wherever it stands.

    Fix: Correct the name; or add the field to the case; or test whether it exists: `{% if
    employee.age is defined %}`. A field that the letter always needs belongs in `requires` of the
    manifest.

    Example:
        <p>{{ employee.nmae }}</p>
    """,
)
IMAGE_UNUSABLE = _PACKS.code(
    "IMR207",
    "An image cannot be used",
    """
    What: An image of a pack is damaged, is not PNG, JPEG, GIF, WebP or SVG, has more than 40
    million pixels, or is in CMYK.

    Why: Browsers and PDF engines omit an image that they cannot read, and an archival PDF (ISO
    19005-3) allows no CMYK without a colour profile of its own.

    Fix: Save the image again as PNG, JPEG or SVG, in RGB.

    Example:
        <img src="logo.tif" alt="Example Review Organization">
    """,
)
UNKNOWN_CHECK = _PACKS.code(
    "IMR208",
    "There is no such check",
    """
    What: `--select`, `--ignore`, the project's settings or `[checks]` of a pack's manifest names a
    check that does not exist. The beginning of ids, such as `IMR32`, names all checks of a family.

    Why: A misspelt id would disable nothing, or disable everything.

    Fix: Correct the id, or install the package that brings the check. `imrgen explain` lists all
    codes; only checks (IMR3…, and those of installed packages) can be chosen.

    Example:
        ignore = ["IMR3744"]
    """,
)
TEMPLATES_NOT_A_FOLDER = _PACKS.code(
    "IMR209",
    "Not a folder of templates",
    """
    What: What `--templates` or a program names is not a folder, or does not exist.

    Why: The letter would be rendered without your templates.

    Fix: Name a pack's folder, a folder of packs, or a folder with files that replace a pack's.

    Example:
        $ imrgen render case.toml --templates my-pack/pack.toml
    """,
)
PACKS_IN_A_CIRCLE = _PACKS.code(
    "IMR210",
    "Packs extend each other in a circle",
    """
    What: By `extends` in the manifests, a pack extends itself, directly or through others.

    Why: There would be no pack to begin with.

    Fix: Remove `extends` from one of the manifests that the message lists. To change a built-in
    pack, give yours another name.

    Example:
        name = "acme"
        extends = "acme"
    """,
)
OVERLAY_UNUSED = _PACKS.code(
    "IMR211",
    "A folder of templates replaces nothing",
    """
    What: A folder of `--templates` contains no pack, so its files should replace files of the pack
    in use, but none of them has the name of such a file.

    Why: The letter would be rendered as if the folder did not exist.

    Fix: Give the files the names, folders included, that `imrgen packs show NAME` lists; or add a
    `pack.toml` to make a pack of it.

    Example:
        my-templates/isue.html         # the pack's file is blocks/issue.html
    """,
)
TEMPLATE_FAILED = _PACKS.code(
    "IMR212",
    "A template failed",
    """
    What: An expression of a template cannot be evaluated: a division by zero, a text added to a
    number, a filter that does not fit its value. The message contains only the kind of error, since
    its text may quote the case.

    Why: There is nothing to print.

    Fix: Correct the expression at the line that the message names.

    Example:
        <p>{{ case.number + 1 }}</p>
    """,
)
TEMPLATE_VARIES = _PACKS.code(
    "IMR213",
    "A template does not always give the same letter",
    """
    What: The same case gave two different documents when the letter was rendered twice.

    Why: Words that change cannot be traced to their template and field, and the letter could not be
    verified by rendering it again.

    Fix: Take out what differs from time to time, such as a filter of a program's own that counts
    or reads the clock. Jinja's `random` is not available for that reason.

    Example:
        {{ case.number | add_serial_number }}
    """,
)
NOTICE_LOST = _PACKS.code(
    "IMR214",
    "A part of a notice would be lost",
    """
    What: A notice of the pack, which is written in Markdown, has a part that the letter cannot
    show, as IMR110 describes for a narrative.

    Why: Words of the notice would be lost in every letter that has it.

    Fix: Write it on fewer levels or as plain paragraphs, in `[notices]` of the pack's manifest.

    Example:
        [notices]
        appeal = '[How to appeal](https://appeal.example "within 30 days")'
    """,
)
ORGANIZATION_UNCLEAR = _PACKS.code(
    "IMR215",
    "A pack does not say whose letters it makes",
    """
    What: `[organization]` of a pack's manifest has neither a `name` nor `inherit = true`, or both.

    Why: The built-in templates name the organization that reviews. A table without a name, as
    `imrgen packs new` writes it, would make letters in the name of the organization of the pack
    that this one extends, with only its phone number changed.

    Fix: Write the organization's name. If the letters are really those of the organization of the
    pack that yours extends, write `inherit = true`.

    Example:
        extends = "imr"

        [organization]
        phone = "(800) 555-0100"       # name is missing
    """,
)
UNKNOWN_WORD = _PACKS.code(
    "IMR216",
    "A manifest refers to a text that it does not state",
    """
    What: `letterhead` or `overridable` of a pack's manifest names a key of `[organization]` or
    `[words]` that neither the pack nor one that it extends states.

    Why: The letterhead would have a gap, or a misspelt key could never be overridden.

    Fix: Correct the key, or state its text.

    Example:
        overridable = ["words.ombudsman_phon"]

        [words]
        ombudsman_phone = "(800) 555-0100"
    """,
)
OVERRIDE_REFUSED = _PACKS.code(
    "IMR217",
    "A text of the pack may not be overridden",
    """
    What: `--set`, or `overrides` in a program, names a text that the pack's manifest does not list
    in `overridable`.

    Why: What a letter says is decided by the pack. A misspelt key would have no effect.

    Fix: Use a key that the message lists; or add the key to `overridable` in the manifest of a pack
    of your own.

    Example:
        $ imrgen render case.toml --pack imr --set organization.name="Example Review"
    """,
)
RECIPIENT_NOT_CHOSEN = _PACKS.code(
    "IMR218",
    "A letter is made for each recipient, and none is chosen",
    """
    What: A program makes one letter of a case, but the pack's manifest says
    `per = "recipients"` of the letter, or `per_recipient` asks for that.

    Why: Each recipient has a letter of their own.

    Fix: Choose a recipient by the number in the case file, as in `recipient=1`, or make a letter
    with each renderer that `Renderer.each` returns. `imrgen render` makes the letters of all.

    Example:
        imrgen.render("case.toml", templates=["acme"], letter="cover")
    """,
)
STYLE_IGNORED = _PACKS.code(
    "IMR219",
    "A style that would have no effect",
    """
    What: WeasyPrint, which makes the PDF, does not know a property, a value, a selector or a rule
    of a style sheet and passes over it; a brace or a comment is not closed; or a `font-family`
    begins with a family that the pack does not have.

    Why: The page looks different from what the style sheet says, and nothing else tells.

    Fix: Correct the name or the value; close the brace; list the font under `[[fonts]]`. What is
    meant for browsers alone belongs in `@media screen`.

    Example:
        p { colour: red; font-size: 12 }
    """,
    "warning",
)
PACK_FILE_UNUSED = _PACKS.code(
    "IMR220",
    "A file of the pack is not used",
    """
    What: `imrgen packs check` found a template, a style sheet, an image or a font that no letter of
    the pack reaches.

    Why: A misspelt name, such as `blocks/isue.html`, replaces nothing, and the letter keeps the
    block that was to be changed.

    Fix: Give the file the name of what it should replace (`imrgen packs show NAME` lists the
    names), use it in a template or the manifest, or delete it.

    Example:
        acme/blocks/isue.html
    """,
    "warning",
)
REQUIREMENT_UNCLEAR = _PACKS.code(
    "IMR221",
    "What a letter requires is not what it reads",
    """
    What: `imrgen packs check` found a field in `requires` that no template of the letter reads; or
    a field that the letter prints, which a case may lack, and which the letter neither requires nor
    asks for first.

    Why: Cases would be refused for a field that the letter does not need, or only when a template
    fails.

    Fix: Remove the field from `requires`, or add it there; or ask first: `{% if case.eams_number is
    defined %}`.

    Example:
        <p>{{ case.eams_number }}</p>      # and `requires` lacks "case.eams_number"
    """,
    "warning",
)
PART_UNUSABLE = _PACKS.code(
    "IMR222",
    "A letter cannot be a part of a packet",
    """
    What: The template of a letter that a packet consists of writes no `<body>` and `</body>`, or
    has styles or anything else but a title and `<meta>` in its `<head>`.

    Why: A packet is one document: of each letter it takes what stands between `<body>` and
    `</body>`, and all else would be lost.

    Fix: Let the template extend `letter.html`. Name style sheets in `styles` of the manifest.

    Example:
        <!doctype html><html><head><style>p { color: #333 }</style></head>
    """,
)
MALFORMED_HTML = _PACKS.code(
    "IMR223",
    "Tags of a template that HTML does not know, or that are not closed",
    """
    What: An element is misspelt, is not closed or closed twice, or stands where it may not, such
    as a paragraph between the rows of a table. End tags that HTML allows to leave out (`</li>`,
    `</p>`, `</td>` …) may be missing. A block ends the paragraph that is open: after
    `<p><div>…</div>` nothing is left for `</p>` to end.

    Why: Programs repair such HTML without a word: the rest of the letter becomes bold, or a part of
    it moves.

    Fix: Close each element where it ends, inside the one in which it begins.

    Example:
        <p>an <b>unclosed word</p>
    """,
)
