"""`imrgen.signature` and `imrgen sign`: what a signature vouches for, and what is refused."""

from __future__ import annotations

import contextlib
import datetime
import importlib.util
import io
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from PIL import Image, ImageChops

import imrgen
from imrgen.cli import sign as cli
from imrgen.diagnostics import LibraryError, OptionError, PackError, SignatureError
from imrgen.export import unseal
from imrgen.signing import sign, signatures
from imrgen.verification import verify
from tests.conftest import ROOT
from tests.verapdf import FLAVOURS, Validator

STARTER = ROOT / "imrgen" / "starter.toml"
SECRET = b"correct horse"
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)
MANIFEST = (
    'name = "signed"\ntitle = "Signed"\nversion = "1"\nextends = "imr"\n'
    'organization.inherit = true\nstyles = ["signed.css"]\n'
)
TEMPLATE = """{% extends "imr:determination.html" %}
{% block main %}{{ super() }}BLOCKS{% endblock %}
"""
CSS = ".signature { width: 260pt; height: 40pt; margin: 6pt 0; break-inside: avoid; }"
DIRECTOR, OFFICE = "Signature of the Medical Director", "Signature of the Office"
TWO = "".join(
    f'<div class="signature" data-signature="{label}"></div>' for label in (DIRECTOR, OFFICE)
)


class Authority:
    """A certificate with its key, which may issue others."""

    def __init__(
        self,
        name: str,
        issuer: Authority | None = None,
        *,
        begin: datetime.datetime = NOW - DAY,
        end: datetime.datetime = NOW + 30 * DAY,
        signing: bool = True,
        kind: str = "ec",
    ) -> None:
        small = (
            rsa.generate_private_key(65537, 2048)
            if kind == "rsa"
            else ec.generate_private_key(ec.SECP256R1())
        )
        self.key: Any = small
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.issuer = issuer
        use = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment"), False)
        use |= dict.fromkeys(("key_agreement", "crl_sign", "encipher_only", "decipher_only"), False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name if issuer else self.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(
                x509.KeyUsage(digital_signature=signing, key_cert_sign=True, **use), critical=True
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        )
        self.certificate = builder.sign(issuer.key if issuer else self.key, hashes.SHA256())

    def pkcs12(self, passphrase: bytes | None = SECRET) -> bytes:
        """Give the key with all certificates up to the root."""
        chain, above = [], self.issuer
        while above is not None:
            chain.append(above.certificate)
            above = above.issuer
        encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return pkcs12.serialize_key_and_certificates(
            b"key", self.key, self.certificate, chain, encryption
        )

    def pem(self) -> bytes:
        """Give the certificate as PEM."""
        return self.certificate.public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
def office() -> Authority:
    return Authority("Example Review Office")


@pytest.fixture(scope="module")
def letter() -> bytes:
    return imrgen.render(STARTER).pdf


def with_blocks(folder: Path, blocks: str, css: str = CSS) -> bytes:
    """Make a letter of a pack with signature blocks."""
    folder.mkdir(exist_ok=True)
    (folder / "pack.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "signed.css").write_text(css, encoding="utf-8")
    (folder / "determination.html").write_text(TEMPLATE.replace("BLOCKS", blocks), encoding="utf-8")
    return imrgen.render(STARTER, templates=[folder]).pdf


@pytest.fixture(scope="module")
def two_blocks(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return with_blocks(tmp_path_factory.mktemp("pack"), TWO)


@pytest.fixture(scope="module")
def signed(letter: bytes, office: Authority) -> bytes:
    return sign(letter, office.pkcs12(), SECRET)


def refusal(content: bytes, *arguments: Any) -> str:
    """Return the message of the refusal to sign a letter."""
    with pytest.raises(SignatureError) as error:
        sign(content, *arguments)
    return str(error.value)


def sound(content: bytes) -> bool:
    """Return whether verification finds a signed letter unaltered."""
    sealed = unseal(content)
    try:
        return sealed is not None and sealed.whole and all(one.sound for one in signatures(content))
    except SignatureError:
        return False


def test_a_letter_without_a_signature_has_none(letter: bytes) -> None:
    assert signatures(letter) == ()


def test_a_signature_leaves_the_letters_bytes_and_its_seal_as_they_were(
    letter: bytes, signed: bytes
) -> None:
    sealed = unseal(signed)
    assert signed.startswith(letter)
    assert len(signed) > len(letter)
    assert sealed == unseal(letter)
    assert sealed is not None
    assert sealed.whole


def test_a_signature_says_whose_it_is_and_when_it_was_made(signed: bytes) -> None:
    (one,) = signatures(signed)
    assert one.signer == "Common Name: Example Review Office"
    assert one.time is not None
    assert one.time.utcoffset() == datetime.timedelta()
    assert NOW - DAY < one.time < NOW + DAY
    assert (one.intact, one.covers, one.trusted) == (True, "file", False)
    assert (one.alters, one.changed, one.sound) == (False, False, True)


def test_a_signature_is_pades(signed: bytes) -> None:
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        assert str(field.V.SubFilter) == "/ETSI.CAdES.detached"
        assert pdf.pdf_version == "1.7"
        assert "/Version" not in pdf.Root
        data = cms.ContentInfo.load(bytes(field.V.Contents))["content"]
    names = [attribute["type"].native for attribute in data["signer_infos"][0]["signed_attrs"]]
    assert sorted(names) == ["content_type", "message_digest", "signing_certificate_v2"]


@pytest.mark.parametrize(("kind", "blocks"), [("rsa", 0), ("ec", 2)])
def test_a_letter_signed_by_two_conforms(
    kind: str, blocks: int, letter: bytes, two_blocks: bytes, tmp_path: Path, verapdf: Validator
) -> None:
    content = two_blocks if blocks else letter
    path = tmp_path / "letter.pdf"
    for number in range(2):
        content = sign(content, Authority(f"Office {number}", kind=kind).pkcs12(), SECRET)
        path.write_bytes(content)
        assert verapdf.faults(path) == {flavour: {} for flavour in FLAVOURS}
    first, second = signatures(content)
    assert (first.sound, first.covers, second.sound, second.covers) == (
        True,
        "revision",
        True,
        "file",
    )
    assert (first.signer, second.signer) == ("Common Name: Office 0", "Common Name: Office 1")


def test_an_empty_block_conforms(two_blocks: bytes, tmp_path: Path, verapdf: Validator) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(two_blocks)
    assert verapdf.faults(path) == {flavour: {} for flavour in FLAVOURS}
    with pikepdf.open(path) as pdf:
        assert [str(field.TU) for field in pdf.Root.AcroForm.Fields] == [DIRECTOR, OFFICE]


@pytest.mark.poppler
def test_a_signature_is_seen_in_its_block_and_nowhere_else(
    two_blocks: bytes, office: Authority, tmp_path: Path
) -> None:
    after = sign(two_blocks, office.pkcs12(), SECRET, OFFICE)
    with pikepdf.open(io.BytesIO(after)) as pdf:
        director, its = pdf.Root.AcroForm.Fields
        assert "/V" not in director
        assert str(its.V.Type) == "/Sig"
        left, bottom, right, top = (float(edge) for edge in its.Rect)
        height = float(pdf.pages[-1].MediaBox[3])
    changed = ImageChops.difference(
        picture(two_blocks, tmp_path), picture(after, tmp_path)
    ).getbbox()
    assert changed is not None
    assert left - 1 <= changed[0] < changed[2] <= right + 1
    assert height - top - 1 <= changed[1] < changed[3] <= height - bottom + 1
    assert changed[3] - changed[1] > 20


def picture(pdf: bytes, folder: Path) -> Image.Image:
    """Draw the last page, a pixel a point."""
    (folder / "drawn.pdf").write_bytes(pdf)
    subprocess.run(
        ["pdftoppm", "-r", "72", "-png", folder / "drawn.pdf", folder / "page"], check=True
    )
    return Image.open(sorted(folder.glob("page*.png"))[-1]).convert("L")


@pytest.mark.slow
def test_signers_take_the_blocks_in_their_order(two_blocks: bytes) -> None:
    content = two_blocks
    for number in range(3):
        content = sign(content, Authority(f"Office {number}").pkcs12(), SECRET)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        fields = list(pdf.Root.AcroForm.Fields)
        assert [str(field.TU) for field in fields] == [DIRECTOR, OFFICE, "Signature"]
        assert [float(field.Rect[0]) < 0 for field in fields] == [False, False, True]
    assert [one.sound for one in signatures(content)] == [True, True, True]


@pytest.mark.slow
def test_a_block_that_is_not_there_or_is_taken_is_refused(
    two_blocks: bytes, office: Authority
) -> None:
    assert "no empty signature block with that label" in refusal(
        two_blocks, office.pkcs12(), SECRET, "Signature of Nobody"
    )
    taken = sign(two_blocks, office.pkcs12(), SECRET, DIRECTOR)
    assert "no empty signature block with that label" in refusal(
        taken, office.pkcs12(), SECRET, DIRECTOR
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("block", "css", "message"),
    [
        ('<div class="signature" data-signature=" "></div>', CSS, "has no label"),
        ('<div class="signature" data-signature="Signature">Sign here</div>', CSS, "is not empty"),
        (
            '<div class="signature" data-signature="Signature"></div>',
            ".signature { display: none }",
            "has no place",
        ),
        (
            '<div class="signature" data-signature="Signature"></div>',
            CSS + ".signature { position: running(foot) } "
            "@page { @bottom-left { content: element(foot) } }",
            "has no place",
        ),
        (
            '<div class="signature" data-signature="Signature"></div>',
            ".signature { width: 200pt }",
            "is too small",
        ),
        ('<span class="signature" data-signature="Signature"></span>', CSS, "is too small"),
    ],
    ids=["no label", "not empty", "hidden", "in the margin", "no height", "inline"],
)
def test_a_block_that_could_not_be_signed_stops_the_letter(
    block: str, css: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(PackError, match=f"IMR421.*signature block that {message}"):
        with_blocks(
            tmp_path,
            f'<div style="width: 200pt; height: 40pt" data-signature="First"></div>{block}',
            css,
        )


@pytest.mark.slow
def test_a_block_is_not_in_the_text(tmp_path: Path) -> None:
    with_blocks(tmp_path, TWO)
    assert imrgen.render(STARTER, templates=[tmp_path]).text == imrgen.render(STARTER).text


@pytest.mark.slow
def test_the_certificate_leads_to_a_root_that_is_trusted(letter: bytes) -> None:
    root, other = Authority("Root"), Authority("Other Root")
    between = Authority("Between", root)
    content = sign(letter, Authority("Office", between).pkcs12(), SECRET)
    trusts = [signatures(content, roots)[0].trusted for roots in ([], [root.pem()], [other.pem()])]
    assert trusts == [False, True, False]
    assert sound(content)


def test_a_root_that_is_not_a_certificate_is_refused(signed: bytes) -> None:
    with pytest.raises(OptionError, match="not a certificate"):
        signatures(signed, [b"-----BEGIN CERTIFICATE-----"])
    # What the caller named is at fault, and the letter is not called altered for it.
    with pytest.raises(OptionError, match="not a certificate"):
        verify(signed, format="pdf", roots=[b"-----BEGIN CERTIFICATE-----"])


@pytest.mark.parametrize(
    ("office_of", "passphrase", "message"),
    [
        ({}, b"wrong", "wrong passphrase"),
        ({}, None, "wrong passphrase"),
        ({"begin": NOW - 9 * DAY, "end": NOW - DAY}, SECRET, f"expired on {NOW - DAY:%Y-%m-%d}"),
        ({"begin": NOW + DAY}, SECRET, f"not valid before {NOW + DAY:%Y-%m-%d}"),
        ({"signing": False}, SECRET, "is not for signatures"),
    ],
    ids=["wrong passphrase", "no passphrase", "expired", "not yet valid", "other use"],
)
def test_a_key_that_may_not_sign_is_refused(
    office_of: dict[str, Any], passphrase: bytes | None, message: str, letter: bytes
) -> None:
    output = refusal(letter, Authority("Office", **office_of).pkcs12(), passphrase)
    assert message in output
    assert "wrong'" not in output
    assert SECRET.decode() not in output


def test_a_file_that_is_not_pkcs12_or_has_no_key_is_refused(
    letter: bytes, office: Authority
) -> None:
    assert "not a PKCS#12 file" in refusal(letter, b"not PKCS#12", SECRET)
    bare = pkcs12.serialize_key_and_certificates(
        None, None, None, [office.certificate], NoEncryption()
    )
    assert "does not hold a private key" in refusal(letter, bare)


@pytest.mark.slow
def test_a_key_without_a_passphrase_signs(letter: bytes) -> None:
    assert sound(sign(letter, Authority("Office").pkcs12(None)))


@pytest.mark.slow
def test_a_name_that_the_font_cannot_show_is_refused_only_where_it_would_be_seen(
    letter: bytes, two_blocks: bytes
) -> None:
    key = Authority("審査 Office").pkcs12()
    assert "U+5BE9, U+67FB" in refusal(two_blocks, key, SECRET)
    assert sound(sign(letter, key, SECRET))


def test_only_whole_letters_of_imrgen_are_signed(
    letter: bytes, signed: bytes, office: Authority
) -> None:
    key = office.pkcs12()
    page = pikepdf.new()
    page.add_blank_page()
    foreign = io.BytesIO()
    page.save(foreign)
    at = letter.index(b"stream\n") + 20
    altered = letter[:at] + bytes([letter[at] ^ 1]) + letter[at + 1 :]
    assert "is not a PDF" in refusal(imrgen.render(STARTER).html.encode(), key, SECRET)
    assert "is not a PDF" in refusal(b"", key, SECRET)
    assert "was not made by imrgen" in refusal(foreign.getvalue(), key, SECRET)
    assert "altered after it was made" in refusal(altered, key, SECRET)
    assert "cannot be read as signatures" in refusal(letter + b"% more", key, SECRET)
    assert "altered after it was signed" in refusal(signed + b"% more", key, SECRET)
    assert "altered after it was signed" in refusal(
        swapped(signed, b"/TU (Signature)", b"/TU (Signatura)"), key, SECRET
    )


def swapped(content: bytes, old: bytes, new: bytes) -> bytes:
    assert content.count(old) == 1
    assert len(old) == len(new)
    return content.replace(old, new)


@pytest.mark.slow
@pytest.mark.parametrize("mask", [0x01, 0x20, 0xFF])
def test_every_byte_behind_the_letter_is_vouched_for(mask: int, signed: bytes) -> None:
    sealed = unseal(signed)
    assert sealed is not None
    places = range(sealed.length, len(signed), 97)
    assert len(places) > 30
    assert [at for at in places if sound(flipped(signed, at, mask))] == []


@pytest.mark.slow
def test_every_byte_of_two_signatures_is_vouched_for(two_blocks: bytes) -> None:
    content = two_blocks
    for number in range(2):
        content = sign(content, Authority(f"Office {number}").pkcs12(), SECRET)
    assert sound(content)
    places = range(len(two_blocks), len(content), 389)
    assert len(places) > 30
    assert [at for at in places if sound(flipped(content, at, 0x01))] == []


def flipped(content: bytes, at: int, mask: int) -> bytes:
    return content[:at] + bytes([content[at] ^ mask]) + content[at + 1 :]


def test_the_padding_and_the_case_of_its_digits_are_vouched_for(signed: bytes) -> None:
    start = signed.index(b"/Contents <") + len(b"/Contents <")
    end = signed.index(b">", start)
    digits = signed[start:end]
    assert digits.endswith(b"00" * 64)
    letters = [at for at in range(start, end) if signed[at : at + 1].isalpha()]
    assert len(letters) > 100
    for at in (end - 1, end - 2, end - 100):
        assert not sound(signed[:at] + b"1" + signed[at + 1 :])
    for at in (letters[0], letters[len(letters) // 2], letters[-1]):
        assert not sound(flipped(signed, at, 0x20))
    assert not sound(signed[: end - 2] + b"\n " + signed[end:])


@pytest.mark.parametrize("more", [b"\n", b" ", b"\0", b"% a comment\n", b"%%EOF\n"])
def test_bytes_behind_the_last_signature_are_found(more: bytes, signed: bytes) -> None:
    assert not sound(signed + more)


def test_what_is_appended_to_a_signed_letter_leaves_its_signature_intact_and_the_letter_changed(
    signed: bytes,
) -> None:
    (one,) = signatures(signed + b"% more\n")
    assert (one.intact, one.covers, one.changed, one.sound) == (True, "revision", True, False)


@pytest.mark.slow
def test_what_is_smuggled_into_a_signature_is_found(letter: bytes, signed: bytes) -> None:
    """The bag of certificates and unsigned attributes are not signed: pyHanko lets both change."""
    start = signed.index(b"/Contents <") + len(b"/Contents <")
    end = signed.index(b">", start)
    whole = cms.ContentInfo.load(bytes.fromhex(signed[start:end].decode()))

    def with_(change: Any) -> bytes:
        info = cms.ContentInfo.load(whole.dump())
        change(info["content"])
        digits = info.dump(force=True).hex().upper().encode()
        assert len(digits) <= end - start
        return signed[:start] + digits.ljust(end - start, b"0") + signed[end:]

    def more_certificates(data: Any) -> None:
        from asn1crypto.x509 import Certificate

        other = Certificate.load(Authority("Other").certificate.public_bytes(Encoding.DER))
        data["certificates"] = [*data["certificates"], cms.CertificateChoices("certificate", other)]

    def unsigned_attribute(data: Any) -> None:
        value = cms.CMSAttribute({"type": "signature_time_stamp_token", "values": []})
        data["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([value])

    def other_version(data: Any) -> None:
        data["version"] = "v3"

    assert sound(with_(lambda data: None))
    for change in (unsigned_attribute, other_version, more_certificates):
        assert not sound(with_(change)), change


def updated(content: bytes, change: Callable[[Any], None], *, whole: bool = False) -> bytes:
    """Add a revision to a PDF.

    Args:
        content: The PDF.
        change: What changes the writer's objects.
        whole: Whether the revision brings all objects anew and does not say that it has one before
            it.
    """
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfReadError

    class Update(IncrementalPdfFileWriter):
        def _update_meta(self) -> None:
            pass

        def _populate_trailer(self, trailer: Any) -> None:
            super()._populate_trailer(trailer)
            if whole:
                del trailer["/Prev"]

    update = Update(io.BytesIO(content))
    if whole:
        # Without the metadata, since the seal already finds provenance that stands there twice.
        metadata = update.root.raw_get("/Metadata").idnum
        del update.root["/Metadata"]
        for number in set(range(1, int(update.prev.trailer["/Size"]))) - {metadata}:
            with contextlib.suppress(PdfReadError):
                update.mark_update(generic.Reference(number, 0, update))
    change(update)
    out = io.BytesIO()
    update.write(out)
    return out.getvalue()


def empty_page(update: Any) -> None:
    """Remove the contents of the first page."""
    from pyhanko.pdf_utils import generic

    page = update.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = update.add_object(generic.StreamObject(stream_data=b""))
    update.update_container(page)


def signed_regardless(content: bytes, office: Authority) -> bytes:
    """Sign as another program would, which asks nothing."""
    from imrgen.signing import signer as pen

    with pen.pyhanko():
        return pen._signed(content, pen.read_identity(office.pkcs12(), SECRET, NOW), None, NOW)


def verdicts(content: bytes) -> list[tuple[bool, bool, bool, bool]]:
    return [(one.intact, one.alters, one.changed, one.sound) for one in signatures(content)]


@pytest.mark.slow
@pytest.mark.parametrize("whole", [False, True], ids=["over the letter", "instead of the letter"])
def test_a_signature_does_not_hide_that_the_letter_shows_something_else(
    whole: bool, letter: bytes, office: Authority
) -> None:
    """The letter's bytes, and so its seal, are whole; what is shown comes from behind them."""
    content = signed_regardless(updated(letter, empty_page, whole=whole), office)
    sealed = unseal(content)
    assert sealed is not None
    assert sealed.whole
    assert verdicts(content) == [(True, True, False, False)]
    assert "altered after it was signed" in refusal(content, office.pkcs12(), SECRET)


@pytest.mark.slow
def test_a_change_between_two_signatures_is_found(two_blocks: bytes, office: Authority) -> None:
    """The second signature vouches for the change, and the first does not."""
    first = sign(two_blocks, office.pkcs12(), SECRET)
    changed = updated(first, empty_page)
    assert verdicts(changed) == [(True, False, True, False)]
    assert "altered after it was signed" in refusal(changed, office.pkcs12(), SECRET)
    assert verdicts(signed_regardless(changed, office)) == [
        (True, False, True, False),
        (True, True, False, False),
    ]


@pytest.mark.slow
def test_a_field_over_the_letters_words_is_found(letter: bytes, office: Authority) -> None:
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    over = updated(
        letter,
        lambda update: append_signature_field(update, SigFieldSpec("Over", box=(72, 72, 540, 720))),
    )
    assert verdicts(signed_regardless(over, office)) == [(True, True, False, False)]


@pytest.mark.slow
def test_a_signature_writes_no_metadata_and_new_ones_are_found(
    letter: bytes, signed: bytes, office: Authority
) -> None:
    from pyhanko.pdf_utils import generic

    def retitle(update: Any) -> None:
        update.trailer["/Info"]["/Title"] = generic.pdf_string("Another")
        update.mark_update(update.trailer.raw_get("/Info"))

    assert signed.count(b"<imrgen:provenance>") == 1
    assert verdicts(signed_regardless(updated(letter, retitle), office)) == [
        (True, True, False, False)
    ]


def test_without_pyhanko_the_message_names_what_to_install(
    letter: bytes, signed: bytes, office: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for asked in (lambda: sign(letter, office.pkcs12(), SECRET), lambda: signatures(signed)):
        with pytest.raises(LibraryError, match=r"pip install 'imrgen\[sign\]'"):
            asked()
    assert signatures(letter) == ()


def test_without_pyhanko_a_signed_letter_is_not_called_altered(
    signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verify(signed, format="pdf").outcome == "intact"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(LibraryError):
        verify(signed, format="pdf")


def run(*arguments: object, **environment: str) -> Any:
    return CliRunner().invoke(
        cli.command, [str(argument) for argument in arguments], env=environment
    )


@pytest.fixture
def folder(tmp_path: Path, letter: bytes, office: Authority) -> Path:
    (tmp_path / "case.pdf").write_bytes(letter)
    (tmp_path / "office.p12").write_bytes(office.pkcs12())
    (tmp_path / "secret.txt").write_bytes(SECRET + b"\r\nanother line\n")
    return tmp_path


@pytest.mark.slow
def test_the_command_signs_beside_the_letter_and_replaces_nothing(
    folder: Path, letter: bytes
) -> None:
    arguments = (folder / "case.pdf", "--pkcs12", folder / "office.p12")
    done = run(*arguments, IMRGEN_PASSPHRASE=SECRET.decode())
    target = folder / "case-signed.pdf"
    assert (done.exit_code, done.output) == (0, f"{target}\n")
    assert sound(target.read_bytes())
    assert (folder / "case.pdf").read_bytes() == letter
    again = run(*arguments, IMRGEN_PASSPHRASE=SECRET.decode())
    assert again.exit_code == 2
    assert "exists; name it with -o to replace it" in again.output
    replaced = run(*arguments, "-o", target, "--passphrase-file", folder / "secret.txt")
    assert replaced.exit_code == 0
    assert sound(target.read_bytes())


@pytest.mark.slow
def test_the_passphrase_file_goes_before_the_environment(folder: Path) -> None:
    arguments = (
        folder / "case.pdf",
        "--pkcs12",
        folder / "office.p12",
        "--passphrase-file",
        folder / "secret.txt",
    )
    assert run(*arguments, IMRGEN_PASSPHRASE="wrong").exit_code == 0


@pytest.mark.parametrize("missing", ["case.pdf", "office.p12", "secret.txt"])
def test_a_file_that_is_not_there_is_named_and_nothing_is_written(
    missing: str, folder: Path
) -> None:
    (folder / missing).unlink()
    before = sorted(folder.iterdir())
    done = run(
        folder / "case.pdf",
        "--pkcs12",
        folder / "office.p12",
        "--passphrase-file",
        folder / "secret.txt",
    )
    assert isinstance(done.exception, imrgen.ReadError)
    assert f"{missing} cannot be read" in str(done.exception)
    assert sorted(folder.iterdir()) == before


def test_a_refusal_writes_nothing_and_says_no_passphrase(folder: Path) -> None:
    before = sorted(folder.iterdir())
    done = run(
        folder / "case.pdf", "--pkcs12", folder / "office.p12", IMRGEN_PASSPHRASE="not this one"
    )
    assert isinstance(done.exception, SignatureError)
    assert "not this one" not in str(done.exception) + done.output
    assert sorted(folder.iterdir()) == before


@pytest.mark.slow
def test_verify_reports_a_signature_and_one_that_was_broken(
    signed: bytes, office: Authority, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from imrgen.cli import cli

    path = tmp_path / "letter.pdf"
    path.write_bytes(signed)
    result = CliRunner().invoke(cli, ["verify", str(path), "--case", str(STARTER)])
    assert result.exit_code == 0, result.output
    assert "identical" in result.output
    assert ": sound; leads to no given root certificate" in result.output
    path.write_bytes(signed[:-1000] + bytes([signed[-1000] ^ 1]) + signed[-999:])
    result = CliRunner().invoke(cli, ["verify", str(path), "--case", str(STARTER)])
    assert (result.exit_code, "altered" in result.output) == (1, True), result.output
