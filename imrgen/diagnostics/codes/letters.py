"""Codes of letters: making and writing them, signing them, and verifying them."""

from __future__ import annotations

from imrgen.diagnostics.codes.registry import Family

_MAKING = Family("Making and writing a letter", "accessibility")
_SIGNING = Family("Signatures", "accessibility")
_VERIFYING = Family("Verification", "accessibility")

FILE_NOT_WRITTEN = _MAKING.code(
    "IMR401",
    "A file cannot be written",
    """
    What: A letter, a batch's manifest or another file cannot be written, or its folder cannot be
    made: the disk is full, the folder does not exist or may not be written to.

    Why: A file is written whole or not at all; one that was there before is still there, unchanged.

    Mend: Make room or correct the permissions, and run the command again, or write to another
    folder with `-o`.

    Example:
        $ imrgen render case.toml -o /root/case.pdf
    """,
)
NATIVE_LIBRARY_MISSING = _MAKING.code(
    "IMR402",
    "A native library is missing",
    """
    What: PDF needs Pango, a library of the system, which is not installed or cannot be loaded.

    Why: No Python package brings Pango. Text and HTML need none of it.

    Mend: Install Pango by the command that the message gives for your system.

    Example:
        $ imrgen render case.toml          # in a container without libpango
    """,
)
PDF_NOT_SET = _MAKING.code(
    "IMR403",
    "The document cannot be set as a PDF",
    """
    What: WeasyPrint, which sets the document, failed over the HTML and the CSS of the pack.

    Why: There is no PDF. Its own words are not repeated, since they may quote the case.

    Mend: Take out of the letter's CSS what goes beyond plain blocks, lists and tables, one
    declaration at a time, until it is set; then write that one otherwise.

    Example:
        li::marker { content: "→ "; }      /* list-style: "→ " can be set */
    """,
)
GLYPH_MISSING = _MAKING.code(
    "IMR404",
    "No font of the pack has a character",
    """
    What: The letter has a character for which none of the pack's fonts has a glyph.

    Why: The PDF would show an empty box in its place. Fonts of the machine are never used, since
    the letter would then differ from machine to machine.

    Mend: Write the character otherwise, or add a font that has it to the pack (`[[fonts]]`) and to
    the `font-family` of its CSS.

    Example:
        item = "Acupuncture (針灸), 6 sessions"
    """,
)
WORDS_LOST = _MAKING.code(
    "IMR405",
    "The PDF would not show what text and HTML show",
    """
    What: Text, layout and what another program reads in the finished PDF were compared, and differ:
    words are hidden, changed, cut off, repeated or in another order.

    Why: All formats of a letter must say the same.

    Mend: Let CSS neither hide words (`display`, `visibility`) nor change them (`text-transform`);
    leave words out in the template instead. Use fewer boxes in boxes where the message says so.

    Example:
        .rationale { text-transform: uppercase; }
    """,
)
NOT_ACCESSIBLE = _MAKING.code(
    "IMR406",
    "The document would not be accessible and archivable",
    """
    What: The document has something that PDF/UA-1 (ISO 14289-1) or PDF/A-3a (ISO 19005-3) does not
    allow, or that a screen reader could not convey: an image without `alt`, a heading that skips a
    level, table rows of unequal length, form fields, opacity, colours in CMYK, a link to nowhere.

    Why: Determinations must be readable for everyone, and for as long as they are kept.

    Mend: Correct the element in the template; the message says how.

    Example:
        <h1>Final Determination Letter</h1>
        <h3>Background</h3>
    """,
)
NO_ROOM = _MAKING.code(
    "IMR407",
    "Something has no room on the page",
    """
    What: A text, a table or an image is too wide for its place, would stand outside the page, or is
    higher than the box that holds it.

    Why: Words would be cut off, or cover others.

    Mend: Let words break (`overflow-wrap: break-word`), give the box more room, use `min-height` in
    place of `height`, `max-width: 100%` for images.

    Example:
        <img src="logo-of-2000-pixels.png" alt="Example Review Organization">
    """,
)
NO_CASE_TO_ATTACH = _MAKING.code(
    "IMR408",
    "There is no case file to attach",
    """
    What: The PDF should bring its case file along (`--embed-case`), but the case came from data,
    not from a file.

    Why: The file is attached byte for byte, and there are no bytes.

    Mend: Read the case from a file, or make the letter without it.

    Example:
        imrgen.Renderer(embed_case=True).render(data).pdf   # data is a mapping
    """,
)
NO_CASE_ATTACHED = _MAKING.code(
    "IMR409",
    "A letter has no case file attached",
    """
    What: `imrgen extract` should give back the case file that a PDF brings along, but this one
    brings none, or is not a PDF that can be read.

    Why: Only letters made with `--embed-case` have one.

    Mend: Look for the case file where it is kept, or for the letter that was made with it attached.

    Example:
        $ imrgen render case.toml
        $ imrgen extract case.pdf
    """,
)
LETTER_UNREADABLE = _MAKING.code(
    "IMR410",
    "A letter's file cannot be read",
    """
    What: A letter that `imrgen verify` or `imrgen extract` should look at does not exist or may not
    be read.

    Why: Nothing can be said of it.

    Mend: Check the path and the file's permissions.

    Example:
        $ imrgen verify leters/case.pdf
    """,
)
UNKNOWN_FORMAT = _MAKING.code(
    "IMR411",
    "A file name that names no format",
    """
    What: A program saves a letter under a name whose suffix is not one of those that name a format.

    Why: A guess could write a text where a PDF is expected.

    Mend: End the name in one of the suffixes that the message lists, or name the format.

    Example:
        letter.save("case.docx")
    """,
)
EXTRA_MISSING = _MAKING.code(
    "IMR412",
    "An optional part of imrgen is not installed",
    """
    What: The preview, signatures, Dask or object stores need Python packages that come with an
    extra of imrgen, and this one is not installed.

    Why: Most who make letters need none of them.

    Mend: Install the extra that the message names.

    Example:
        $ imrgen preview                   # pip install "imrgen[preview]"
    """,
)
NESTED_TOO_DEEP = _MAKING.code(
    "IMR413",
    "The document is nested too deep",
    """
    What: Elements stand within elements so deep that the document cannot be processed.

    Why: The stack or the memory of the process would run out.

    Mend: Nest fewer elements in the template. A loop that opens elements without closing them is
    the usual cause.

    Example:
        {% for character in clinical_summary %}<div>{% endfor %}
    """,
)
FOREIGN_FILE = _MAKING.code(
    "IMR414",
    "The letter asks for a file that is not the pack's",
    """
    What: A template or a style sheet refers to a file, an image or a font by an address that does
    not lead into the pack: on the web, or elsewhere on this machine.

    Why: Nothing is fetched while a letter is made. The letter would depend on what stands at that
    address today, and the address would tell others which letters are made.

    Mend: Put the file into the pack, and refer to it by its name there.

    Example:
        <img src="https://images.example/logo.png" alt="Example Review Organization">
    """,
)
FOREIGN_FONT = _MAKING.code(
    "IMR415",
    "A font was used that is not the pack's",
    """
    What: The PDF was set with a font family that the pack's manifest does not list.

    Why: The same case would look otherwise, or lose characters, on another machine.

    Mend: Add the font to the pack (`[[fonts]]`), or name only the pack's families in its CSS.

    Example:
        @font-face { font-family: "Other Sans"; src: url(other.ttf); }   /* not in [[fonts]] */
    """,
)
ENGINE_WARNED = _MAKING.code(
    "IMR416",
    "The PDF engine reported a problem",
    """
    What: WeasyPrint logged an error while it set the document, such as an image that it could not
    load. What may be of the case is taken out of its words.

    Why: It goes on after such errors, and leaves out of the PDF what it could not do.

    Mend: Correct what the message names in the template or the style sheet.

    Example:
        <img src="logo.svg" alt="Example Review Organization">   <!-- the file is cut off -->
    """,
)
ENGINE_UNKNOWN = _MAKING.code(
    "IMR417",
    "imrgen does not know this version of WeasyPrint",
    """
    What: Something inside WeasyPrint that imrgen relies on, to make PDFs accessible and to check
    them, is not as it was in the versions that imrgen was tested with.

    Why: A PDF made all the same could lack tags, or lose words unnoticed. The case and the pack are
    not at fault.

    Mend: Install a version of WeasyPrint that imrgen asks for, or a newer imrgen.

    Example:
        $ pip install --upgrade --no-deps weasyprint   # beyond what imrgen allows
    """,
)
FONT_UNUSABLE = _MAKING.code(
    "IMR418",
    "A pack's font is missing or cannot be loaded",
    """
    What: A font file of the pack is damaged, or is not a font; or the pack lists no font at all.

    Why: WeasyPrint would go on without it, and set the letter in another face; without any font it
    crashes.

    Mend: Replace the file by an undamaged TrueType or OpenType font, list one under `[[fonts]]`, or
    extend the pack `letter`, which brings some.

    Example:
        [[fonts]]
        family = "Example Serif"
        file = "example-serif.zip"
    """,
)
FILE_NOT_SHARED = _MAKING.code(
    "IMR419",
    "A file is referred to in a way that not every format shows",
    """
    What: A template refers to a file by an element or an attribute that HTML and PDF do not show
    alike: `srcset`, `source`, `object`, `iframe`, `link`, `base`, `@import` and the like.

    Why: The same words and pictures must stand in every format of a letter, and an HTML file that
    is sent to somebody has no other file beside it.

    Mend: Show a picture with `<img src="name.png" alt="What it shows">`; list style sheets in the
    pack's manifest.

    Example:
        <img srcset="seal.png 1x, seal-large.png 2x" alt="Seal">
    """,
)

SIGNING_FILE_UNREADABLE = _SIGNING.code(
    "IMR420",
    "A file that signing needs cannot be read",
    """
    What: The letter, the PKCS#12 file or the file with the passphrase does not exist or may not be
    read.

    Why: Nothing can be signed without them.

    Mend: Check the path and the file's permissions.

    Example:
        $ imrgen sign case.pdf --pkcs12 ofice.p12
    """,
)
BLOCK_UNUSABLE = _SIGNING.code(
    "IMR421",
    "Nobody could sign in a signature block",
    """
    What: A signature block of the letter (an element with `data-signature`) has no label, is not
    empty, is too small for a signature, or has no place in the letter's text.

    Why: A signature stands in an empty box, and its label is what a screen reader says of it.

    Mend: Write who signs there as the value of `data-signature`, what belongs to the block before
    or behind it, and give it a width and a height.

    Example:
        <div data-signature="">Medical Director</div>
    """,
)
KEY_UNUSABLE = _SIGNING.code(
    "IMR422",
    "The key or its certificate cannot be used",
    """
    What: The PKCS#12 file cannot be opened with this passphrase, holds no private key with its
    certificate, or the certificate has expired, is not valid yet, or is not for signatures.

    Why: A signature made with it would not hold for whoever looks at it.

    Mend: Check the passphrase and the file, or ask your certificate authority for a certificate for
    signatures.

    Example:
        $ IMRGEN_PASSPHRASE=wrong imrgen sign case.pdf --pkcs12 office.p12
    """,
)
NOT_SIGNABLE = _SIGNING.code(
    "IMR423",
    "The letter cannot be signed",
    """
    What: The file is not a PDF of imrgen's, was altered after it was made or signed, has no empty
    signature block of the label that was asked for, or the certificate's name cannot be written in
    it.

    Why: A signature vouches for the letter as it was made, and is seen in the right place.

    Mend: Make the letter again and sign that, or name another `--block`.

    Example:
        $ imrgen sign scanned.pdf --pkcs12 office.p12
    """,
)
SIGNATURES_UNREADABLE = _SIGNING.code(
    "IMR424",
    "The letter's signatures cannot be read",
    """
    What: Something was added behind the letter that cannot be read as signatures.

    Why: Nothing but signatures may follow a letter. What does could change how the letter looks.

    Mend: Ask for the file as it was issued.

    Example:
        $ echo extra >> case.pdf; imrgen verify case.pdf
    """,
)
ROOT_UNUSABLE = _SIGNING.code(
    "IMR425",
    "A root to trust is not a certificate",
    """
    What: A file given by `--root`, or by a program, holds no certificate in PEM or DER.

    Why: Whether a signature can be trusted is decided by these roots. This says nothing about the
    letter.

    Mend: Name the file with the certificate of the authority that you trust.

    Example:
        $ imrgen verify case-signed.pdf --root office.p12
    """,
)

SEAL_BROKEN = _VERIFYING.code(
    "IMR430",
    "The letter's seal does not hold",
    """
    What: The bytes of the letter are not those that were written, or others were added behind them.

    Why: The seal is the SHA-256 of the file. Any change breaks it, by accident or not.

    Mend: Ask for the file as it was issued. With the case file, `--case`, verification also tells
    whether its words are still the same.

    Example:
        $ sed -i s/upheld/overturned/ case.html; imrgen verify case.html
    """,
)
NOT_A_LETTER = _VERIFYING.code(
    "IMR431",
    "Nothing says that imrgen made the file",
    """
    What: The file holds neither provenance nor seal. A letter in text never does.

    Why: It cannot be told from a file of another program.

    Mend: For a letter in text, name its case file by `--case`, and its pack by `--pack`. For
    another format, look whether a program has saved the file anew.

    Example:
        $ imrgen verify case.txt
    """,
)
NOT_MADE_AGAIN = _VERIFYING.code(
    "IMR432",
    "The letter was not made again",
    """
    What: The seal holds, but there is no case file, named or attached, to make the letter again of.

    Why: A seal shows changes by accident. Only making the letter again shows those of somebody who
    knows how to write a new seal.

    Mend: Name the case file.

    Example:
        $ imrgen verify case.pdf           # add --case case.toml
    """,
    "warning",
)
SAME_WORDS = _VERIFYING.code(
    "IMR433",
    "The words are those of the letter made again",
    """
    What: The file was altered, but its words are the same as those of the letter made again.

    Why: It tells a change of form, such as by a program that saved the file anew, from a change of
    what the letter says.

    Mend: Ask for the file as it was issued where the form matters, as for a signature.

    Example:
        $ sed 's/<p>/<p >/' case.html > copy.html; imrgen verify copy.html --case case.toml
    """,
    "warning",
)
WORDS_DIFFER = _VERIFYING.code(
    "IMR434",
    "The words differ from the letter made again",
    """
    What: Made again of this case file, the letter says something else, from the word that the
    message counts.

    Why: The file was changed, or it is the letter of another case or of another state of the case.

    Mend: Use `--show-values` to see the words on both sides. Then ask for the file as it was
    issued, or look for the case file that it was made of.

    Example:
        $ imrgen verify case.pdf --case another-case.toml
    """,
)
MADE_OTHERWISE = _VERIFYING.code(
    "IMR435",
    "The letter was made of or with something else",
    """
    What: The words are the same and the bytes are not: the case file, the pack or the version of a
    library is another one than when the letter was made.

    Why: It explains why an untouched letter is not identical.

    Mend: Nothing needs mending. To get the same bytes, use what the message lists in the version
    that the letter names.

    Example:
        $ pip install --upgrade imrgen; imrgen verify case.pdf --case case.toml
    """,
    "warning",
)
SIGNATURE_UNSOUND = _VERIFYING.code(
    "IMR436",
    "A signature does not vouch for the letter",
    """
    What: A signature was broken, covers only a part of the file, or came with, or was followed by,
    more than signatures.

    Why: What is seen may not be what was signed.

    Mend: Ask for the file as it was signed.

    Example:
        $ imrgen verify annotated-after-signing.pdf
    """,
)
NOT_THE_FORMAT = _VERIFYING.code(
    "IMR437",
    "The file is not what its name says",
    """
    What: The file cannot be read as the format that its suffix names: a text that is not UTF-8, a
    PDF that is damaged.

    Why: Its words cannot be compared.

    Mend: Give the file the suffix of its format, or ask for it again: it may be damaged.

    Example:
        $ cp case.docx case.txt; imrgen verify case.txt --case case.toml
    """,
)
