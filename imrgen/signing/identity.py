"""Whoever signs: a private key with its certificate, from a PKCS#12 file (RFC 7292)."""

from __future__ import annotations

import datetime
from typing import Any

from imrgen.diagnostics import Diagnostic, SignatureError, codes


def read_identity(pkcs12: bytes, passphrase: bytes | None, moment: datetime.datetime) -> Any:
    """Read a key and its certificates.

    Args:
        pkcs12: The file.
        passphrase: What it was encrypted with; `None` where it was not.
        moment: When the key is used.

    Returns:
        A signer of pyHanko's, which brings the signer's certificate and those between it and its
        root.

    Raises:
        SignatureError: The file cannot be opened, or its certificate may not sign at that time.
    """
    from cryptography.hazmat.primitives.serialization import pkcs12 as container
    from pyhanko.keys import internal
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    try:
        key, own, others = container.load_key_and_certificates(pkcs12, passphrase)
    except (ValueError, TypeError):
        raise _refusal(
            "the PKCS#12 file cannot be opened: the passphrase is wrong, or it is no such file"
        ) from None
    if key is None or own is None:
        raise _refusal("the PKCS#12 file does not hold a private key with its certificate")
    certificate = internal.translate_pyca_cryptography_cert_to_asn1(own)
    _vet(certificate, moment)
    between = SimpleCertificateStore()
    for other in map(internal.translate_pyca_cryptography_cert_to_asn1, others):
        if other.self_signed == "no" and other != certificate:
            between.register(other)
    return SimpleSigner(
        certificate,
        internal.translate_pyca_cryptography_key_to_asn1(key),
        between,
        embed_roots=False,
    )


def name_of(certificate: Any) -> str:
    """Give the name that a certificate is for: its common name, else all that it says.

    Args:
        certificate: A certificate of asn1crypto's.
    """
    name = certificate.subject.native.get("common_name")
    return name if isinstance(name, str) else str(certificate.subject.human_friendly)


def _vet(certificate: Any, moment: datetime.datetime) -> None:
    """Refuse a certificate that is not valid now, or is for other uses (RFC 5280, 4.1.2.5 and 4.2.1.3)."""
    begin, end = certificate.not_valid_before, certificate.not_valid_after
    if moment > end:
        raise _refusal(f"the certificate has been expired since {end:%Y-%m-%d}")
    if moment < begin:
        raise _refusal(f"the certificate is not valid before {begin:%Y-%m-%d}")
    usage = certificate.key_usage_value
    if usage is not None and not {"digital_signature", "non_repudiation"} & usage.native:
        raise _refusal("the certificate is not for signatures")


def _refusal(message: str) -> SignatureError:
    return SignatureError([Diagnostic(codes.KEY_UNUSABLE, message)])
