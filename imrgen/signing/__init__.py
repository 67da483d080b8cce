"""Signatures of letters: PAdES baseline B-B (ETSI EN 319 142-1), added behind the bytes that the seal covers.

    signer       sign a letter
    validation   say of each signature what it is worth
    identity     the key and its certificate
    library      pyHanko, which does the cryptography (the extra `sign`)

pyHanko is imported once something is signed, or signatures are to be looked at. Nothing is fetched
from a network: no time stamp, no revocation list.
"""

from imrgen.signing.signer import sign
from imrgen.signing.validation import Signature, signatures

__all__ = ["Signature", "sign", "signatures"]
