"""The signer: a private key with its certificate, from a PKCS#12 file (RFC 7292)."""

import datetime
from typing import Any

from imrgen.diagnostics import SignatureError, codes


def read_identity(pkcs12: bytes, passphrase: bytes | None, moment: datetime.datetime) -> Any:
    """Read a key and its certificates.

    Args:
        pkcs12: The content of the file.
        passphrase: `None` if the file is not encrypted.
        moment: When the key is used.

    Returns:
        A pyHanko signer with its own certificate and the intermediate ones.

    Raises:
        SignatureError: The file cannot be opened, or its certificate must not sign at that time.
    """
    from cryptography.hazmat.primitives.serialization import pkcs12 as container
    from pyhanko.keys import internal
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    try:
        key, own, others = container.load_key_and_certificates(pkcs12, passphrase)
    except (ValueError, TypeError):
        raise _refusal(
            "the PKCS#12 file cannot be opened: wrong passphrase, or not a PKCS#12 file"
        ) from None
    if key is None or own is None:
        raise _refusal("the PKCS#12 file does not hold a private key with its certificate")
    certificate = internal.translate_pyca_cryptography_cert_to_asn1(own)
    _validate(certificate, moment)
    intermediate = SimpleCertificateStore()
    for other in map(internal.translate_pyca_cryptography_cert_to_asn1, others):
        if other.self_signed == "no" and other != certificate:
            intermediate.register(other)
    return SimpleSigner(
        certificate,
        internal.translate_pyca_cryptography_key_to_asn1(key),
        intermediate,
        embed_roots=False,
    )


def name_of(certificate: Any) -> str:
    """Return the name in an asn1crypto certificate: the common name, or else the whole subject."""
    name = certificate.subject.native.get("common_name")
    return name if isinstance(name, str) else str(certificate.subject.human_friendly)


def _validate(certificate: Any, moment: datetime.datetime) -> None:
    """Refuse a certificate that is not valid or not for signatures (RFC 5280, 4.1.2.5, 4.2.1.3)."""
    begin, end = certificate.not_valid_before, certificate.not_valid_after
    if moment > end:
        raise _refusal(f"the certificate expired on {end:%Y-%m-%d}")
    if moment < begin:
        raise _refusal(f"the certificate is not valid before {begin:%Y-%m-%d}")
    usage = certificate.key_usage_value
    if usage is not None and not {"digital_signature", "non_repudiation"} & usage.native:
        raise _refusal("the certificate is not for signatures")


def _refusal(message: str) -> SignatureError:
    return SignatureError.of(codes.KEY_UNUSABLE, message)
