"""Codes of packs and their templates."""

from imrgen.diagnostics.codes.registry import Family

_PACKS = Family("Packs and templates", "template")

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
    has styles or anything else but a title and `<meta>` in its `<head>`, or an attribute other than
    `class`, `dir` and `lang` on its `<html>` or `<body>`.

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
FIELD_UNUSABLE = _PACKS.code(
    "IMR224",
    "A field of a pack's cases cannot be declared so",
    """
    What: `[fields]` or `core` of a pack's manifest declares a field whose name, table, type,
    pattern or example cannot be right.

    Why: A case file could not have the field, or editors and imrgen would read it differently.

    Fix: Name the field as letters do in `requires`, with `[]` behind lists, and declare the table
    that it stands in. A field that every case file may have keeps its type.

    Example:
        [fields."claim_lines[].billed"]
        type = "money"
        description = "What the provider billed."
    """,
)
FUNCTION_UNUSABLE = _PACKS.code(
    "IMR225",
    "A filter or function of a program cannot be used",
    """
    What: A program gives templates a filter or a function, or the command line names one, that
    cannot be imported by its module and name, or whose own name templates know already.

    Why: The letter says which functions it was made with, and worker processes import them.

    Fix: Name a function at the top level of an installed module, not a lambda or one that is made
    in another function; or give it another name.

    Example:
        $ imrgen render case.toml --filter barcode=acme.letters:barcod
    """,
)
CASES_NOT_INVENTED = _PACKS.code(
    "IMR226",
    "Cases of the pack cannot be invented",
    """
    What: `imrgen new --random` has drawn many cases of the pack, and of too few of them the letters
    can be made without an error.

    Why: Invented cases are for tests, which a case that is refused does not serve.

    Fix: Make the letters of one by `imrgen packs check`, which says what stops them: a template may
    ask for a field that the letter does not require, or a `pattern` in `[fields]` may match few
    texts. Or ask for fewer cases.

    Example:
        $ imrgen new cases --random 100 --templates acme
    """,
)
PROMISE_UNREADABLE = _PACKS.code(
    "IMR227",
    "A promise of pages names no elements",
    """
    What: `unbroken` under `[pages]` of a pack's manifest has a text that is no CSS selector,
    or one that no element of a page can match, such as `p::before` or `a:hover`.

    Why: It cannot be checked that the elements stand on one page each.

    Fix: Write a selector of CSS, such as `section.issue > h2`.

    Example:
        [pages]
        unbroken = ["section.issue >> h2"]
    """,
)
