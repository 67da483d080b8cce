"""Sign a letter, in its first empty signature block if it has one."""

import datetime
import io
from pathlib import Path
from typing import Any

from imrgen.diagnostics import SignatureError, codes
from imrgen.export import unseal
from imrgen.signing.identity import name_of, read_identity
from imrgen.signing.library import pyhanko
from imrgen.signing.validation import signatures

_MODULES = (
    "fontTools.ttLib.tables.O_S_2f_2",
    "pyhanko.pdf_utils.font.opentype",
    "pyhanko.sign.signers",
    "pyhanko.stamp",
)
_APPEARANCE = "Digitally signed by\n%(signer)s\n%(ts)s"
_TIME_FORMAT = "%Y-%m-%d %H:%M UTC"


def sign(
    content: bytes, pkcs12: bytes, passphrase: bytes | None = None, block: str | None = None
) -> bytes:
    """Return a letter with a signature appended to its bytes.

    Args:
        content: The letter's PDF, as imrgen wrote it; it may already be signed.
        pkcs12: The content of the file with the signer's key and certificate.
        passphrase: `None` if that file is not encrypted.
        block: The label of the signature block to sign in; `None` for the first empty one, or for
            an invisible signature if there is none.

    Raises:
        LibraryError: pyHanko is not installed.
        SignatureError: The file is not a letter of imrgen's, was altered, or cannot be signed with
            this key or in this block.
    """
    _validate(content)
    with pyhanko(*_MODULES):
        moment = datetime.datetime.now(datetime.UTC)
        signed = _signed(content, read_identity(pkcs12, passphrase, moment), block, moment)
    if not all(signature.sound for signature in signatures(signed)):
        raise AssertionError("pyHanko wrote a signature that does not validate")
    return signed


def _validate(content: bytes) -> None:
    sealed = unseal(content)
    if not content.startswith(b"%PDF-"):
        raise _refusal("this is not a PDF", "sign the PDF that `imrgen render` writes")
    if sealed is None:
        raise _refusal(
            "this PDF was not made by imrgen", "sign the PDF that `imrgen render` writes"
        )
    if sealed.is_draft:
        raise _refusal("this is a draft", "render the letter without `--draft`, and sign that")
    if not sealed.whole:
        raise _refusal(
            "this letter was altered after it was made", "render it again, and sign that letter"
        )
    if not all(signature.sound for signature in signatures(content)):
        raise _refusal("this letter was altered after it was signed", "sign the unaltered letter")


def _refusal(message: str, hint: str) -> SignatureError:
    return SignatureError.of(codes.NOT_SIGNABLE, message, hint)


def _signed(content: bytes, signer: Any, block: str | None, moment: datetime.datetime) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign import fields, signers

    class Update(IncrementalPdfFileWriter):
        output_version = (1, 7)

        def ensure_output_version(self, version: tuple[int, int]) -> None:
            """Keep PDF 1.7, which PDF/A-3 and PDF/UA-1 are based on."""

        def _update_meta(self) -> None:
            """Keep the metadata, which the seal covers and which contain the provenance."""

    class Signer(signers.PdfSigner):
        def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
            """Use UTC, which does not reveal the time zone of the signer's computer."""
            session = super().init_signing_session(*arguments, **options)
            session.system_time = moment
            return session

    try:
        update = Update(io.BytesIO(content))
        existing = list(fields.enumerate_sig_fields(update))
    except Exception as error:  # pyHanko has no common class for what it cannot read
        raise _unreadable() from error
    name = _find_block(existing, block)
    is_visible = name is not None
    new_field = None
    if name is None:
        name = f"Signature{len(existing) + 1}"
        invisible = fields.InvisSigSettings(box_out_of_bounds=True)
        new_field = fields.SigFieldSpec(
            name, invis_sig_settings=invisible, readable_field_name="Signature"
        )
    _list_certificates(signer)
    signer_name = name_of(signer.signing_cert)
    metadata = signers.PdfSignatureMetadata(
        field_name=name, subfilter=fields.SigSeedSubFilter.PADES
    )
    style = _style(signer_name) if is_visible else None
    pdf_signer = Signer(metadata, signer, stamp_style=style, new_field_spec=new_field)
    parameters = {"signer": signer_name}
    try:
        signed: bytes = pdf_signer.sign_pdf(update, appearance_text_params=parameters).getvalue()
    except PdfError as error:  # a page that it would write to
        raise _unreadable() from error
    return signed


def _unreadable() -> SignatureError:
    return _refusal("this PDF cannot be read", "render the letter again, and sign that")


def _find_block(existing: list[Any], block: str | None) -> str | None:
    """Return the name of the empty signature field to sign in; `None` if there need not be one."""
    for name, value, reference in existing:
        if value is None and block in (None, reference.get_object().get("/TU")):
            return str(name)
    if block is not None:
        raise _refusal(
            "the letter has no empty signature block with that label",
            "see the pack's templates for the labels",
        )
    return None


def _list_certificates(signer: Any) -> None:
    """List all certificates of the signature in its signed attributes (RFC 5035)."""
    from asn1crypto import tsp
    from pyhanko.sign.attributes import CMSAttributeProvider, SignedAttributeProviderSpec
    from pyhanko.sign.general import as_signing_certificate_v2

    class Certificates(CMSAttributeProvider):
        attribute_type = "signing_certificate_v2"

        async def build_attr_value(self, dry_run: bool = False) -> Any:
            own = signer.signing_cert
            others = sorted(signer.cert_registry, key=lambda certificate: certificate.dump())
            return tsp.SigningCertificateV2(
                {
                    "certs": [
                        as_signing_certificate_v2(certificate)["certs"][0]
                        for certificate in (own, *others)
                    ]
                }
            )

    class Attributes(SignedAttributeProviderSpec):
        def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> list[Any]:
            return [Certificates()]

    signer.signed_attr_prov_spec = Attributes()


def _style(signer_name: str) -> Any:
    """Return the appearance of a signature, with an embedded font (ISO 19005-3, 6.2.11.4)."""
    import font_source_sans_pro
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
    from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory
    from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
    from pyhanko.pdf_utils.text import TextBoxStyle
    from pyhanko.stamp import TextStampStyle

    file = Path(font_source_sans_pro.__file__).parent / "files" / "SourceSansPro-Regular.ttf"
    with TTFont(file, lazy=True) as font:
        missing = sorted({c for c in signer_name if ord(c) not in font.getBestCmap()})
    if missing:
        characters = ", ".join(f"U+{ord(c):04X}" for c in missing)
        raise _refusal(
            f"the font of signatures lacks characters of the certificate's name: {characters}",
            "sign with a certificate whose name is in Latin, Greek or Cyrillic letters",
        )
    rule = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MIN, AxisAlignment.ALIGN_MID, Margins.uniform(0))
    return TextStampStyle(
        stamp_text=_APPEARANCE,
        timestamp_format=_TIME_FORMAT,
        border_width=0,
        text_box_style=TextBoxStyle(
            font=GlyphAccumulatorFactory(str(file)), font_size=10, leading=12, box_layout_rule=rule
        ),
        inner_content_layout=rule,
    )
