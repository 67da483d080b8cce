"""Signatures of letters: PAdES baseline B-B (ETSI EN 319 142-1), appended to the sealed bytes.

signer       sign a letter
validation   validate the signatures of a letter
identity     the signer's key and certificate
library      pyHanko, which does the cryptography (the extra `sign`)

pyHanko is imported when a letter is signed or its signatures are validated. Nothing is fetched from
a network: no time stamp, no revocation list.
"""

from imrgen.signing.signer import sign
from imrgen.signing.validation import Signature, signatures

__all__ = ["Signature", "sign", "signatures"]
