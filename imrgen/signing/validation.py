"""Validate the signatures of a letter: whether they are intact, and what they cover.

A signature covers the whole file except its own bytes, which are hexadecimal digits between angle
brackets. So that no byte of the file can change unnoticed, these must be exactly what follows from
its certificates, attributes and signature value: the certificates are those that the signed
attribute `signing-certificate-v2` lists (RFC 5035), and the remaining digits are zeros.
"""

import datetime
import hashlib
import io
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from imrgen.diagnostics import OptionError, SignatureError, codes
from imrgen.export import unseal
from imrgen.signing.library import pyhanko
from imrgen.workers import is_foreign


class Signature(msgspec.Struct, frozen=True):
    """A signature of a letter.

    Args:
        signer: The subject of the certificate.
        time: When it was made by the signer's own clock; nobody else confirms it.
        intact: Whether the signature and what it covers are unchanged.
        covers: `file`: all bytes of the file; `revision`: all up to its own end, with others
            behind; `part`: less.
        alters: Whether more than a signature was added with it, so that the signed letter is not
            the original one.
        changed: Whether anything but further signatures was added behind it.
        trusted: Whether its certificate leads to one of the given roots, at the time that it
            states.
    """

    signer: str
    time: datetime.datetime | None
    intact: bool
    covers: Literal["file", "revision", "part"]
    alters: bool
    changed: bool
    trusted: bool

    @property
    def sound(self) -> bool:
        """Whether it covers the unaltered letter; this does not mean that its signer is trusted."""
        return self.intact and self.covers != "part" and not self.alters and not self.changed


def signatures(content: bytes, roots: Iterable[bytes] = ()) -> tuple[Signature, ...]:
    """Return the signatures of a letter in the order in which they were made.

    Args:
        content: The letter's PDF. Its seal, which is checked elsewhere, covers the letter itself.
        roots: Certificates to trust, each as PEM or DER.

    Raises:
        LibraryError: There are signatures, but pyHanko is not installed.
        OptionError: A root is not a certificate.
        SignatureError: The PDF was not made by imrgen, or what was appended to the letter cannot be
            read as signatures.
    """
    sealed = unseal(content)
    if sealed is None:
        raise SignatureError.of(codes.NOT_A_LETTER, "this PDF was not made by imrgen")
    if sealed.length == len(content):
        return ()
    with pyhanko("pyhanko.sign.validation"):
        trusted = [certificate for root in roots for certificate in _certificates(root)]
        try:
            validated = _validate(content, sealed.length, trusted)
        except Exception as error:  # pyHanko has no common class for unreadable signatures
            if is_foreign(error):
                raise
            raise _unreadable() from error
    if not validated:
        raise _unreadable()
    return validated


def _unreadable() -> SignatureError:
    return SignatureError.of(
        codes.SIGNATURES_UNREADABLE, "what was appended to the letter cannot be read as signatures"
    )


def _certificates(root: bytes) -> list[Any]:
    from pyhanko.keys import load_certs_from_pemder_data

    try:
        return list(load_certs_from_pemder_data(root))
    except ValueError:
        raise OptionError.of(
            codes.ROOT_UNUSABLE, "a trusted root is not a certificate in PEM or DER"
        ) from None


def _validate(content: bytes, length: int, roots: list[Any]) -> tuple[Signature, ...]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(content))
    embedded = reader.embedded_regular_signatures
    validated = [_validate_one(each, content, roots) for each in embedded]
    is_covered = bool(validated) and validated[-1].intact and validated[-1].covers == "file"
    # If the last signature covers nothing, what stands behind the ones before it is not covered.
    altering = _altering_revisions(reader, content[:length]) if is_covered else set[int]()
    ends = [-1, *(int(each.signed_revision) for each in embedded)]
    return tuple(
        msgspec.structs.replace(
            signature,
            alters=any(begin < revision <= end for revision in altering),
            changed=not is_covered or any(revision > end for revision in altering),
        )
        for signature, begin, end in zip(validated, ends[:-1], ends[1:], strict=True)
    )


def _validate_one(embedded: Any, content: bytes, roots: list[Any]) -> Signature:
    """Validate a signature without what was added with it and behind it."""
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    time = embedded.self_reported_timestamp
    context = ValidationContext(trust_roots=roots, moment=time, allow_fetching=False)
    usage = KeyUsageConstraints(
        key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
    )
    status = validate_pdf_signature(embedded, context, key_usage_settings=usage, skip_diff=True)
    levels: Any = {
        SignatureCoverageLevel.ENTIRE_FILE: "file",
        SignatureCoverageLevel.ENTIRE_REVISION: "revision",
    }
    return Signature(
        signer=embedded.signer_cert.subject.human_friendly,
        time=time,
        intact=status.intact and status.valid and _is_canonical(embedded, content),
        covers=levels.get(status.coverage, "part"),
        alters=False,
        changed=False,
        trusted=bool(roots) and status.trusted,
    )


def _altering_revisions(reader: Any, letter: bytes) -> set[int]:
    """Find the revisions of a file that contain more than a signature.

    A revision may replace objects of the letter without changing a byte of it, or contain another
    letter. pyHanko's default rules would allow new metadata. A new visible field could cover the
    letter's words, so it is forbidden, as after a certification (ISO 32000-1, 12.8.2.2).
    """
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign import diff_analysis as rules
    from pyhanko.sign.fields import MDPPerm

    level = rules.ModificationLevel.LTA_UPDATES
    policy = rules.StandardDiffPolicy(
        global_rules=[
            rules.CatalogModificationRule(),
            rules.XrefStreamRule().as_qualified(level),
            rules.ObjectStreamRule().as_qualified(level),
        ],
        form_rule=rules.FormUpdatingRule(
            [rules.SigFieldCreationRule(), rules.SigFieldModificationRule()],
            ignored_acroform_keys=frozenset(("/Fields", "/SigFlags")),
        ),
    )
    altering = set()
    if (
        reader.xrefs.get_startxref_for_revision(0)
        != PdfFileReader(io.BytesIO(letter)).last_startxref
    ):
        altering.add(0)
    for revision in range(1, reader.total_revisions):
        old, new = (reader.get_historical_resolver(number) for number in (revision - 1, revision))
        try:
            policy.apply(old, new, doc_mdp=MDPPerm.FILL_FORMS)
        except rules.SuspiciousModification:
            altering.add(revision)
    return altering


def _is_canonical(embedded: Any, content: bytes) -> bool:
    """Return whether a signature's own bytes are the only ones that encode its contents."""
    start, end = int(embedded.byte_range[1]), int(embedded.byte_range[2])
    digits = _encode(embedded).hex().upper().encode()
    return content[start:end] == b"<" + digits.ljust(end - start - 2, b"0") + b">"


def _encode(embedded: Any) -> bytes:
    """Encode a signature (RFC 5652, 5) from its certificates, attributes and value."""
    from asn1crypto import algos, cms
    from pyhanko.sign.signers import ExternalSigner
    from pyhanko.sign.validation.generic_cms import get_signing_cert_attr

    info = embedded.signer_info
    signer = embedded.signer_cert
    signed = get_signing_cert_attr(info["signed_attrs"])
    listed = [item["cert_hash"].native for item in signed["certs"]] if signed else []
    certificates = {
        hashlib.sha256(choice.chosen.dump()).digest(): choice
        for choice in embedded.signed_data["certificates"]
    }
    if set(certificates) != set(listed):
        return b""
    algorithm = info["digest_algorithm"]["algorithm"].native
    digest = algos.DigestAlgorithm({"algorithm": algorithm})
    mechanism = ExternalSigner(signer, None).get_signature_mechanism_for_digest(algorithm)
    sid = cms.IssuerAndSerialNumber(
        {"issuer": signer.issuer, "serial_number": signer.serial_number}
    )
    information = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": sid}),
            "digest_algorithm": digest,
            "signature_algorithm": mechanism,
            "signed_attrs": info["signed_attrs"].untag(),
            "signature": info["signature"].native,
        }
    )
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "data"},
            "certificates": list(certificates.values()),
            "signer_infos": [information],
        }
    )
    encoded: bytes = cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
    return encoded
