"""Codes of letters that are made: signing and verifying them."""

from imrgen.diagnostics.codes.registry import Family

_SIGNING = Family("Signatures", "accessibility")
_VERIFYING = Family("Verification", "accessibility")

SIGNING_FILE_UNREADABLE = _SIGNING.code(
    "IMR420",
    "A file that signing needs cannot be read",
    """
    What: The letter, the PKCS#12 file or the file with the passphrase does not exist or may not be
    read.

    Why: Nothing can be signed without them.

    Fix: Check the path and the file's permissions.

    Example:
        $ imrgen sign case.pdf --pkcs12 ofice.p12
    """,
)
BLOCK_UNUSABLE = _SIGNING.code(
    "IMR421",
    "A signature block cannot be used",
    """
    What: A signature block of the letter (an element with `data-signature`) has no label, is not
    empty, is too small for a signature, or is not part of the letter's text.

    Why: A signature needs an empty box, whose label a screen reader reads aloud.

    Fix: Write the signer's role as the value of `data-signature`, move the block's contents before
    or after it, and give it a width and a height.

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

    Why: Nobody could rely on a signature made with it.

    Fix: Check the passphrase and the file, or ask your certificate authority for a certificate for
    signatures.

    Example:
        $ IMRGEN_PASSPHRASE=wrong imrgen sign case.pdf --pkcs12 office.p12
    """,
)
NOT_SIGNABLE = _SIGNING.code(
    "IMR423",
    "The letter cannot be signed",
    """
    What: The file is not a PDF written by imrgen, was altered after it was written or signed, has
    no empty signature block with the given label, or the certificate's name cannot be written in
    it.

    Why: A signature must cover the unaltered letter, and be visible in the right place.

    Fix: Render the letter again and sign that, or name another `--block`.

    Example:
        $ imrgen sign scanned.pdf --pkcs12 office.p12
    """,
)
SIGNATURES_UNREADABLE = _SIGNING.code(
    "IMR424",
    "The letter's signatures cannot be read",
    """
    What: Something was appended to the letter that cannot be read as signatures.

    Why: Nothing but signatures may be appended to a letter. Other content could change how the
    letter looks.

    Fix: Ask for the file as it was issued.

    Example:
        $ echo extra >> case.pdf; imrgen verify case.pdf
    """,
)
ROOT_UNUSABLE = _SIGNING.code(
    "IMR425",
    "A root to trust is not a certificate",
    """
    What: A file given by `--root`, or by a program, is not a certificate in PEM or DER.

    Why: These roots decide whether a signature is trusted. The letter itself is not at fault.

    Fix: Name the file with the certificate of the authority that you trust.

    Example:
        $ imrgen verify case-signed.pdf --root office.p12
    """,
)

SEAL_BROKEN = _VERIFYING.code(
    "IMR430",
    "The letter's seal does not match",
    """
    What: The bytes of the letter were changed after they were written, or others were appended.

    Why: The seal is the SHA-256 of the file. Any change breaks it, by accident or not.

    Fix: Ask for the file as it was issued. With the case file, `--case`, verification also shows
    whether its words are still the same.

    Example:
        $ sed -i s/upheld/overturned/ case.html; imrgen verify case.html
    """,
)
NOT_A_LETTER = _VERIFYING.code(
    "IMR431",
    "The file is not a letter of imrgen's",
    """
    What: The file contains neither provenance nor seal. A letter in text never does.

    Why: It cannot be distinguished from a file of another program.

    Fix: For a letter in text, name its case file by `--case`, and its pack by `--pack`. For another
    format, find out whether a program has saved the file again.

    Example:
        $ imrgen verify case.txt
    """,
)
NOT_RENDERED_AGAIN = _VERIFYING.code(
    "IMR432",
    "The letter was not rendered again",
    """
    What: The seal matches, but there is no case file, named or attached, to render the letter again
    from; or a program gave its templates values, filters or functions, which are not in the letter.

    Why: A seal reveals accidental changes. Only rendering the letter again reveals changes by
    somebody who can write a new seal.

    Fix: Name the case file, and give what the message names, such as `--context`.

    Example:
        $ imrgen verify case.pdf           # add --case case.toml
    """,
    "warning",
)
SAME_WORDS = _VERIFYING.code(
    "IMR433",
    "The words are those of the letter rendered again",
    """
    What: The file was altered, but its words are the same as those of the letter rendered again.

    Why: It distinguishes a change of form, such as by a program that saved the file again, from a
    change of words.

    Fix: Ask for the file as it was issued where the form matters, as for a signature.

    Example:
        $ sed 's/<p>/<p >/' case.html > copy.html; imrgen verify copy.html --case case.toml
    """,
    "warning",
)
WORDS_DIFFER = _VERIFYING.code(
    "IMR434",
    "The words differ from the letter rendered again",
    """
    What: Rendered again from this case file, the letter differs from the word on whose number is in
    the message.

    Why: The file was changed, or it is the letter of another case or another version of the case.

    Fix: Use `--show-values` to see the words on both sides. Then ask for the file as it was issued,
    or look for the case file that it was rendered from.

    Example:
        $ imrgen verify case.pdf --case another-case.toml
    """,
)
PROVENANCE_DIFFERS = _VERIFYING.code(
    "IMR435",
    "The letter was rendered from or with something else",
    """
    What: The words are the same, but the bytes are not: the case file, the pack or the version of a
    library differs from when the letter was rendered.

    Why: It explains why an untouched letter is not identical.

    Fix: Nothing needs to be corrected. To get the same bytes, use what the message lists in the
    version that the letter names.

    Example:
        $ pip install --upgrade imrgen; imrgen verify case.pdf --case case.toml
    """,
    "warning",
)
SIGNATURE_UNSOUND = _VERIFYING.code(
    "IMR436",
    "A signature does not cover the letter as it is",
    """
    What: A signature is broken, covers only a part of the file, or was accompanied or followed by
    more than signatures.

    Why: What the letter shows may not be what was signed.

    Fix: Ask for the file as it was signed.

    Example:
        $ imrgen verify annotated-after-signing.pdf
    """,
)
NOT_THE_FORMAT = _VERIFYING.code(
    "IMR437",
    "The file does not have the format of its name",
    """
    What: The file cannot be read as the format that its suffix names: a text that is not UTF-8, a
    PDF that is damaged.

    Why: Its words cannot be compared.

    Fix: Give the file the suffix of its format, or ask for it again if it is damaged.

    Example:
        $ cp case.docx case.txt; imrgen verify case.txt --case case.toml
    """,
)
