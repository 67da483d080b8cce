"""Signing: a signature is added to a letter, in its signature block where it has one that is still empty."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

from imrgen.diagnostics import Diagnostic, SignatureError, codes
from imrgen.export import unseal
from imrgen.signing.identity import name_of, read_identity
from imrgen.signing.library import pyhanko
from imrgen.signing.validation import signatures

_WORDS = "Digitally signed by\n%(signer)s\n%(ts)s"
_TIME = "%Y-%m-%d %H:%M UTC"


def sign(
    content: bytes, pkcs12: bytes, passphrase: bytes | None = None, block: str | None = None
) -> bytes:
    """Sign a letter.

    Args:
        content: The letter's PDF, as imrgen made it; it may hold signatures already.
        pkcs12: The file with the signer's key and certificate.
        passphrase: What that file was encrypted with.
        block: The label of the signature block to sign in; `None` for the first that is empty, and
            where there is none, for a signature that is not seen.

    Returns:
        The letter, its bytes as they were, and the signature behind them.

    Raises:
        LibraryError: pyHanko is not installed.
        SignatureError: It is no letter of imrgen's, was altered, or cannot be signed with this key
            or in this block.
    """
    _vet(content)
    with pyhanko():
        moment = datetime.datetime.now(datetime.UTC)
        signer = read_identity(pkcs12, passphrase, moment)
        signed = _signed(content, signer, block, moment)
    if not all(signature.sound for signature in signatures(signed)):
        raise AssertionError("pyHanko signs otherwise than this was made for")
    return signed


def _vet(content: bytes) -> None:
    sealed = unseal(content)
    if not content.startswith(b"%PDF-"):
        raise _refusal("this is no PDF", "sign the PDF that `imrgen render` makes")
    if sealed is None:
        raise _refusal("this PDF was not made by imrgen", "sign the PDF that `imrgen render` makes")
    if not sealed.whole:
        raise _refusal(
            "this letter was altered after it was made", "render it again, and sign that"
        )
    if not all(signature.sound for signature in signatures(content)):
        raise _refusal(
            "this letter was altered after it was signed", "sign the letter that was not altered"
        )


def _refusal(message: str, hint: str) -> SignatureError:
    return SignatureError([Diagnostic(codes.NOT_SIGNABLE, message, hints=(hint,))])


def _signed(content: bytes, signer: Any, block: str | None, moment: datetime.datetime) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    class Update(IncrementalPdfFileWriter):
        output_version = (1, 7)

        def ensure_output_version(self, version: tuple[int, int]) -> None:
            """Leave the file PDF 1.7, on which PDF/A-3 and PDF/UA-1 stand."""

        def _update_meta(self) -> None:
            """Leave the metadata as they are, which the seal covers and which hold the provenance."""

    class Signer(signers.PdfSigner):
        def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
            """Say the time as UTC, and not where the signer's computer stands."""
            session = super().init_signing_session(*arguments, **options)
            session.system_time = moment
            return session

    update = Update(io.BytesIO(content))
    held = list(fields.enumerate_sig_fields(update))
    name = _empty(held, block)
    new = None
    if name is None:
        name = f"Signature{len(held) + 1}"
        out_of_sight = fields.InvisSigSettings(box_out_of_bounds=True)
        new = fields.SigFieldSpec(
            name, invis_sig_settings=out_of_sight, readable_field_name="Signature"
        )
    _bind(signer)
    words = name_of(signer.signing_cert)
    description = signers.PdfSignatureMetadata(
        field_name=name, subfilter=fields.SigSeedSubFilter.PADES
    )
    style = None if new else _style(words)
    pen = Signer(description, signer, stamp_style=style, new_field_spec=new)
    signed: bytes = pen.sign_pdf(update, appearance_text_params={"signer": words}).getvalue()
    return signed


def _empty(held: list[Any], block: str | None) -> str | None:
    """Find the name of the signature block to sign in; `None` where it need not be one."""
    for name, value, reference in held:
        if value is None and block in (None, reference.get_object().get("/TU")):
            return str(name)
    if block is not None:
        raise _refusal(
            "the letter has no empty signature block of that label",
            "see the pack's templates for their labels",
        )
    return None


def _bind(signer: Any) -> None:
    """Let the signature say of all certificates that come with it that they belong to it (RFC 5035)."""
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


def _style(words: str) -> Any:
    """Give how a signature looks, in a font that goes with it (ISO 19005-3, 6.2.11.4)."""
    import font_source_sans_pro
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
    from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory
    from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
    from pyhanko.pdf_utils.text import TextBoxStyle
    from pyhanko.stamp import TextStampStyle

    file = Path(font_source_sans_pro.__file__).parent / "files" / "SourceSansPro-Regular.ttf"
    with TTFont(file, lazy=True) as font:
        lost = sorted({c for c in words if ord(c) not in font.getBestCmap()})
    if lost:
        characters = ", ".join(f"U+{ord(c):04X}" for c in lost)
        hint = "sign with a certificate whose name is in Latin, Greek or Cyrillic letters"
        raise _refusal(
            f"the font of signatures lacks characters of the certificate's name: {characters}", hint
        )
    rule = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MIN, AxisAlignment.ALIGN_MID, Margins.uniform(0))
    return TextStampStyle(
        stamp_text=_WORDS,
        timestamp_format=_TIME,
        border_width=0,
        text_box_style=TextBoxStyle(
            font=GlyphAccumulatorFactory(str(file)), font_size=10, leading=12, box_layout_rule=rule
        ),
        inner_content_layout=rule,
    )
