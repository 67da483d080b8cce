"""Codes of letters: making and writing them."""

from imrgen.diagnostics.codes.registry import Family

_MAKING = Family("Rendering and writing a letter", "accessibility")

FILE_NOT_WRITTEN = _MAKING.code(
    "IMR401",
    "A file cannot be written",
    """
    What: A letter, a batch's manifest or another file cannot be written, or its folder cannot be
    created: the disk is full, the folder does not exist or may not be written to. Standard output
    is full or closed. Or the folder for temporary files is full or cannot be written to, where the
    fonts of a PDF stand. Or a link, a folder, a pipe or a device has the name that imrgen gives to
    a file of the folder.

    Why: A file is written completely or not at all; an existing one is unchanged. Under a name of
    its own imrgen replaces plain files only. A file that is named with `-o` may be a link, whose
    target is then written, a pipe or a device.

    Fix: Free some space or correct the permissions, and run the command again, or write to another
    folder with `-o`. For temporary files, name another folder in the environment variable TMPDIR
    (on Windows: TEMP). Remove what has the file's name, or name it with `-o` if it is meant.

    Example:
        $ imrgen render case.toml -o /read-only/case.pdf
    """,
)
NATIVE_LIBRARY_MISSING = _MAKING.code(
    "IMR402",
    "A native library is missing",
    """
    What: PDF by WeasyPrint needs Pango, a library of the system, which is not installed or cannot
    be loaded.

    Why: No Python package contains Pango. Text and HTML do not need it, and neither does PDF by
    Typst. imrgen never changes the engine by itself, since the pages would not be the same.

    Fix: Install Pango by the command that the message gives for your system. Or install
    `imrgen[typst]` and choose that engine: `--engine typst`, or `engine = "typst"` under `[pdf]` in
    `imrgen.toml` or in the pack's manifest.

    Example:
        $ imrgen render case.toml          # in a container without libpango
    """,
)
PDF_NOT_SET = _MAKING.code(
    "IMR403",
    "The document cannot be laid out as a PDF",
    """
    What: WeasyPrint, which lays out the document, failed on the HTML and the CSS of the pack.

    Why: There is no PDF. WeasyPrint's own message is not shown, since it may quote the case.

    Fix: Remove from the letter's CSS what goes beyond plain blocks, lists and tables, one
    declaration at a time, until the PDF is written; then write that declaration differently.

    Example:
        li::marker { content: "→ "; }
    """,
)
GLYPH_MISSING = _MAKING.code(
    "IMR404",
    "No font of the pack has a character",
    """
    What: The letter has a character for which none of the pack's fonts has a glyph.

    Why: The PDF would show an empty box in its place. Fonts of the machine are never used, since
    the letter would then differ between machines.

    Fix: Write the character differently, or add a font that has it to the pack (`[[fonts]]`) and to
    the `font-family` of its CSS.

    Example:
        item = "Acupuncture (針灸), 6 sessions"
    """,
)
WORDS_LOST = _MAKING.code(
    "IMR405",
    "The PDF would not have the words of text and HTML",
    """
    What: The text, the layout and what another program reads in the finished PDF differ: words are
    hidden, changed, cut off, repeated or in another order; or nobody can read them in the PDF: they
    are clipped, covered by a ground or an image, struck out, smaller than 5 points, or in nearly
    the colour of their ground (a contrast below 1.5 : 1; below 1.1 : 1 from 36 points on). Or CSS
    adds words or the markers of a list, which text does not have.

    Why: All formats of a letter must have the same words.

    Fix: Do not hide words in CSS (`display`, `visibility`, `color`), change them
    (`text-transform`) or add any (`content`, `list-style`); omit or write them in the template
    instead. Nest fewer boxes if the message says so.

    Example:
        .rationale { text-transform: uppercase; }
    """,
)
NOT_ACCESSIBLE = _MAKING.code(
    "IMR406",
    "The document would not be accessible and archivable",
    """
    What: The document contains something that PDF/UA-1 (ISO 14289-1) or PDF/A-3a (ISO 19005-3) does
    not allow, or that a screen reader could not convey: an image without `alt`, a heading that
    skips a level, table rows of unequal length, form fields, words that are only struck out,
    opacity, colours in CMYK, a link to nowhere.

    Why: Determinations must be readable for everyone, and for as long as they are kept.

    Fix: Correct the element in the template; the message says how.

    Example:
        <h1>Final Determination Letter</h1>
        <h3>Background</h3>
    """,
)
NO_ROOM = _MAKING.code(
    "IMR407",
    "Something does not fit on the page",
    """
    What: A text, a table or an image is too wide for its place, would lie outside the page or in
    its margins, or is higher than the box that contains it. Or a column is so narrow that the
    letters of a word stand one below the other.

    Why: Words would be cut off, or overlap others.

    Fix: Let words break (`overflow-wrap: break-word`), make the box larger, use `min-height`
    instead of `height`, and `max-width: 100%` for images. What belongs into a margin is a running
    element, or has `position: absolute`.

    Example:
        <img src="logo-of-2000-pixels.png" alt="Example Review Organization">
    """,
)
WORDS_OVERLAP = _MAKING.code(
    "IMR438",
    "Words stand over each other",
    """
    What: In the PDF, words lie over other words, such as those of the running foot, or over what
    is as dark or as light as they are in an image; a rule or the border of a box goes through them;
    or the letters of a word cover each other.

    Why: All the words are in the file, and nobody can read them on the page. Large marks, such as
    a draft's, may lie under words.

    Fix: Leave out the negative margin or letter-spacing, the `position` or the height that moves
    the words over others. A table's cell needs words that can break.

    Example:
        .address { margin-top: -2em }
    """,
)
NO_CASE_TO_ATTACH = _MAKING.code(
    "IMR408",
    "There is no case file to attach",
    """
    What: The case file should be attached to the PDF (`--embed-case`), but the case came from data,
    not from a file.

    Why: The file is attached byte for byte, and there is no file.

    Fix: Read the case from a file, or render the letter without `embed_case`.

    Example:
        imrgen.Renderer(embed_case=True).render(data).pdf   # data is a mapping
    """,
)
NO_CASE_ATTACHED = _MAKING.code(
    "IMR409",
    "A letter has no case file attached",
    """
    What: `imrgen extract` should write the case file that is attached to a PDF, but this one has
    none, or is not a readable PDF.

    Why: Only letters rendered with `--embed-case` have one.

    Fix: Use the original case file, or a letter that was rendered with its case file attached.

    Example:
        $ imrgen render case.toml
        $ imrgen extract case.pdf
    """,
)
LETTER_UNREADABLE = _MAKING.code(
    "IMR410",
    "A letter's file cannot be read",
    """
    What: A letter for `imrgen verify` or `imrgen extract` does not exist or may not be read.

    Why: It cannot be checked.

    Fix: Check the path and the file's permissions.

    Example:
        $ imrgen verify leters/case.pdf
    """,
)
UNKNOWN_FORMAT = _MAKING.code(
    "IMR411",
    "A file name with an unknown format",
    """
    What: A program saves a letter under a name whose suffix does not stand for a format.

    Why: A guess could write text where a PDF is expected.

    Fix: End the name in one of the suffixes that the message lists, or name the format.

    Example:
        letter.save("case.docx")
    """,
)
EXTRA_MISSING = _MAKING.code(
    "IMR412",
    "An optional part of imrgen is not installed",
    """
    What: The preview, signatures, PDF by Typst, Dask or object stores need Python packages of an
    extra of imrgen, which is not installed. Or PDF by WeasyPrint was asked for, and somebody has
    taken WeasyPrint out, which imrgen needs for nothing else.

    Why: Most users do not need them. imrgen never changes the engine by itself, since the pages
    would not be the same.

    Fix: Install what the message names.

    Example:
        $ imrgen preview                   # pip install "imrgen[preview]"
    """,
)
NESTED_TOO_DEEP = _MAKING.code(
    "IMR413",
    "The document is nested too deep",
    """
    What: Elements are nested so deep that the document cannot be processed.

    Why: The stack or the memory of the process would run out.

    Fix: Nest fewer elements in the template. A loop that opens elements without closing them is
    the usual cause.

    Example:
        {% for character in clinical_summary %}<div>{% endfor %}
    """,
)
FOREIGN_FILE = _MAKING.code(
    "IMR414",
    "The letter asks for a file that is not the pack's",
    """
    What: A template or a style sheet refers to a file, an image or a font by an address outside the
    pack: on the web, or elsewhere on this machine.

    Why: Nothing is fetched while a letter is rendered. The letter would depend on what is at that
    address today, and the request would reveal which letters are rendered.

    Fix: Put the file into the pack, and refer to it by its name there.

    Example:
        <img src="https://images.example/logo.png" alt="Example Review Organization">
    """,
)
FOREIGN_FONT = _MAKING.code(
    "IMR415",
    "A font that is not the pack's",
    """
    What: The PDF uses a font family that the pack's manifest does not list.

    Why: The same case would look different, or lose characters, on another machine.

    Fix: Add the font to the pack (`[[fonts]]`), or name only the pack's families in its CSS.

    Example:
        @font-face { font-family: "Other Sans"; src: url(other.ttf); }   /* not in [[fonts]] */
    """,
)
ENGINE_WARNED = _MAKING.code(
    "IMR416",
    "The PDF engine reported a problem",
    """
    What: WeasyPrint logged an error while it laid out the document, such as an image that it could
    not load. What may quote the case is removed from its message.

    Why: It continues after such errors, and the PDF lacks what it could not do.

    Fix: Correct what the message names in the template or the style sheet.

    Example:
        <img src="logo.svg" alt="Example Review Organization">   <!-- the file is cut off -->
    """,
)
ENGINE_UNKNOWN = _MAKING.code(
    "IMR417",
    "imrgen does not know this version of WeasyPrint",
    """
    What: Something inside WeasyPrint that imrgen relies on, to make PDFs accessible and to check
    them, differs from the versions that imrgen was tested with.

    Why: The PDF could lack tags, or lose words unnoticed. The case and the pack are not at fault.

    Fix: Install a version of WeasyPrint that imrgen requires, or a newer imrgen.

    Example:
        $ pip install --upgrade --no-deps weasyprint   # beyond what imrgen allows
    """,
)
FONT_UNUSABLE = _MAKING.code(
    "IMR418",
    "A pack's font is missing or cannot be loaded",
    """
    What: A font file of the pack is damaged, or is not a font; or the pack lists no font at all.

    Why: WeasyPrint would continue without it, and use another font; without any font it crashes.

    Fix: Replace the file with an undamaged TrueType or OpenType font, list one under `[[fonts]]`,
    or extend the pack `letter`, which has some.

    Example:
        [[fonts]]
        family = "Example Serif"
        file = "example-serif.zip"
    """,
)
FILE_NOT_SHARED = _MAKING.code(
    "IMR419",
    "A file reference that not every format supports",
    """
    What: A template refers to a file by an element or an attribute that HTML and PDF do not show
    alike: `srcset`, `source`, `object`, `iframe`, `link`, `base`, `@import` and the like.

    Why: Every format of a letter must have the same words and pictures, and an HTML file that is
    sent to somebody has no other file beside it.

    Fix: Show a picture with `<img src="name.png" alt="What it shows">`; list style sheets in the
    pack's manifest.

    Example:
        <img srcset="seal.png 1x, seal-large.png 2x" alt="Seal">
    """,
)
NOT_OF_ENGINE = _MAKING.code(
    "IMR428",
    "The engine cannot set this",
    """
    What: A declaration of the pack's style sheet that is of this letter, or an element of a
    template, asks for something that the engine Typst (`--engine typst`) does not do here. What it
    does is listed in docs/packs.md.

    Why: The letter would look otherwise than its pack says. Nothing is left out in silence, and no
    other engine is used without being asked for.

    Fix: Leave the declaration out or write it otherwise; or set the letter with WeasyPrint.

    Example:
        .seal { float: right; }
    """,
)
ENGINE_FORKED = _MAKING.code(
    "IMR429",
    "Typst was used before this process was forked",
    """
    What: A program has made a PDF by Typst, then forked, and the new process makes another one.

    Why: Typst keeps threads, which a fork does not copy: the new process would wait for them
    forever.

    Fix: Fork before the first PDF is made, start processes in another way (`spawn`, `forkserver`),
    or make letters with `imrgen.LimitedRenderer`, which has processes of its own.

    Example:
        letter.pdf                     # by Typst
        multiprocessing.get_context("fork").Process(target=make_another).start()
    """,
)
ACTIVE_CONTENT = _MAKING.code(
    "IMR426",
    "Something that a browser would run",
    """
    What: A template has a script, an attribute that runs one (`onclick` and the like), a form, a
    frame, an animation, a `<base>`, a `<meta>` that makes a browser do something, or a link whose
    address is not one of `https:`, `http:`, `mailto:`, `tel:` and `#id`.

    Why: A letter is only read. What runs in it could change its words, or send them elsewhere. So
    it is in no format of the letter, nor in a draft.

    Fix: Leave it out, and write what it would show.

    Example:
        <a href="javascript:print()">Print this letter</a>
    """,
)
PROMISE_BROKEN = _MAKING.code(
    "IMR427",
    "The pages are not as the pack promises",
    """
    What: The pack's manifest promises something of the pages of its PDFs under `[pages]`, and those
    of this letter are not so: it has more pages, its last page has fewer lines, a signature stands
    alone on its page, or an element stands on two pages that must not be parted.

    Why: A reader takes a decision that is parted from its item for that of another, and a page that
    holds a signature alone may be put behind any other letter. Text and HTML have no pages, and are
    made.

    Fix: Let the style sheet keep together what belongs together (`break-inside: avoid`,
    `break-after: avoid`, `orphans`, `widows`), make the letter shorter, or promise less.

    Example:
        [pages]
        most = 4
    """,
)
