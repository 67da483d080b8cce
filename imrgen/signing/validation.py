"""What the signatures of a letter are worth: whether they are as they were made, and what they vouch for.

A signature vouches for all of the file before it and behind it but for its own bytes, which stand
as hexadecimal digits between angle brackets. So that no byte of the file can change unseen, these
must be just what their certificates, attributes and signature value ask for: the certificates are
those that the signed attribute `signing-certificate-v2` lists (RFC 5035), and the rest of the
digits are zeros.
"""

from __future__ import annotations

import datetime
import hashlib
import io
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from imrgen.diagnostics import Diagnostic, OptionError, SignatureError, codes
from imrgen.export import unseal
from imrgen.signing.library import pyhanko


class Signature(msgspec.Struct, frozen=True):
    """A signature of a letter.

    Args:
        signer: Whose certificate it is, as the certificate says.
        time: When it was made, as the signer's computer said; nobody else vouches for that.
        intact: Whether it, and all that it vouches for, is as it was signed.
        covers: `file`: all bytes of the file; `revision`: all up to its own end, which others
            follow; `part`: less.
        alters: Whether more than a signature was added with it, so that what was signed is not the
            letter as it was.
        changed: Whether anything but further signatures was added behind it.
        trusted: Whether its certificate leads to one of the roots that were given, at the time that
            it claims.
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
        """Whether it vouches for the letter as it was made; not whether its signer is to be trusted."""
        return self.intact and self.covers != "part" and not self.alters and not self.changed


def signatures(content: bytes, roots: Iterable[bytes] = ()) -> tuple[Signature, ...]:
    """Look at a letter's signatures.

    Args:
        content: The letter's PDF; whether it is as it was made is for its seal to say.
        roots: Certificates to trust, each as PEM or DER.

    Returns:
        The signatures in the order in which they were made; none where nothing stands behind the
        letter itself.

    Raises:
        LibraryError: There are signatures, but pyHanko is not installed.
        OptionError: A root is not a certificate.
        SignatureError: The PDF was not made by imrgen, or what stands behind the letter cannot be
            read as signatures.
    """
    sealed = unseal(content)
    if sealed is None:
        raise SignatureError([Diagnostic(codes.NOT_A_LETTER, "this PDF was not made by imrgen")])
    if sealed.length == len(content):
        return ()
    with pyhanko():
        trusted = [certificate for root in roots for certificate in _certificates(root)]
        try:
            found = _examine(content, sealed.length, trusted)
        except Exception as fault:  # pyHanko has no one kind of error for what cannot be read
            raise _unreadable() from fault
    if not found:
        raise _unreadable()
    return found


def _unreadable() -> SignatureError:
    return SignatureError(
        [
            Diagnostic(
                codes.SIGNATURES_UNREADABLE,
                "what stands behind the letter cannot be read as signatures",
            )
        ]
    )


def _certificates(root: bytes) -> list[Any]:
    from pyhanko.keys import load_certs_from_pemder_data

    try:
        return list(load_certs_from_pemder_data(root))
    except ValueError:
        raise OptionError(
            [Diagnostic(codes.ROOT_UNUSABLE, "a root to trust is no certificate")]
        ) from None


def _examine(content: bytes, length: int, roots: list[Any]) -> tuple[Signature, ...]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(content))
    held = reader.embedded_regular_signatures
    found = [_look_at(one, content, roots) for one in held]
    vouched = bool(found) and found[-1].intact and found[-1].covers == "file"
    # Where the last signature vouches for nothing, neither does what stands behind the ones before
    # it.
    altering = _altering(reader, content[:length]) if vouched else set[int]()
    ends = [-1, *(int(one.signed_revision) for one in held)]
    return tuple(
        msgspec.structs.replace(
            signature,
            alters=any(begin < revision <= end for revision in altering),
            changed=not vouched or any(revision > end for revision in altering),
        )
        for signature, begin, end in zip(found, ends[:-1], ends[1:], strict=True)
    )


def _look_at(one: Any, content: bytes, roots: list[Any]) -> Signature:
    """Look at a signature, and not yet at what was added with it and behind it."""
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    time = one.self_reported_timestamp
    context = ValidationContext(trust_roots=roots, moment=time, allow_fetching=False)
    use = KeyUsageConstraints(
        key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
    )
    status = validate_pdf_signature(one, context, key_usage_settings=use, skip_diff=True)
    levels: Any = {
        SignatureCoverageLevel.ENTIRE_FILE: "file",
        SignatureCoverageLevel.ENTIRE_REVISION: "revision",
    }
    return Signature(
        signer=one.signer_cert.subject.human_friendly,
        time=time,
        intact=status.intact and status.valid and _exact(one, content),
        covers=levels.get(status.coverage, "part"),
        alters=False,
        changed=False,
        trusted=bool(roots) and status.trusted,
    )


def _altering(reader: Any, letter: bytes) -> set[int]:
    """Find the revisions of a file that hold more than a signature.

    A revision may give objects of the letter new contents without a byte of it changing, or bring a
    letter of its own. pyHanko's own rules would allow new metadata; and a new field that is seen
    could stand over the letter's words, so it is allowed as little as behind a certification (ISO
    32000-1, 12.8.2.2).
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


def _exact(one: Any, content: bytes) -> bool:
    """Tell whether a signature's own bytes are the only ones that say what it says."""
    start, end = int(one.byte_range[1]), int(one.byte_range[2])
    digits = _encoded(one).hex().upper().encode()
    return content[start:end] == b"<" + digits.ljust(end - start - 2, b"0") + b">"


def _encoded(one: Any) -> bytes:
    """Write a signature anew (RFC 5652, 5), of the certificates, attributes and value that it holds."""
    from asn1crypto import algos, cms
    from pyhanko.sign.signers import ExternalSigner
    from pyhanko.sign.validation.generic_cms import get_signing_cert_attr

    held, signer = one.signer_info, one.signer_cert
    signed = get_signing_cert_attr(held["signed_attrs"])
    listed = [item["cert_hash"].native for item in signed["certs"]] if signed else []
    bag = {
        hashlib.sha256(choice.chosen.dump()).digest(): choice
        for choice in one.signed_data["certificates"]
    }
    if set(bag) != set(listed):
        return b""
    algorithm = held["digest_algorithm"]["algorithm"].native
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
            "signed_attrs": held["signed_attrs"].untag(),
            "signature": held["signature"].native,
        }
    )
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "data"},
            "certificates": list(bag.values()),
            "signer_infos": [information],
        }
    )
    encoded: bytes = cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
    return encoded
