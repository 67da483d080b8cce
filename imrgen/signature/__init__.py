"""Signatures of letters: PAdES baseline B-B (ETSI EN 319 142-1), added behind the bytes that the seal covers.

`pen` signs, `scrutiny` says of each signature what it is worth, `identity` reads the key and its certificate. pyHanko
does the cryptography (the extra `sign`) and is imported once something is signed, or signatures are to be looked at.
Nothing is fetched from a network: no time stamp, no revocation list.
"""

from imrgen.signature.pen import sign
from imrgen.signature.scrutiny import Signature, signatures

__all__ = ["Signature", "sign", "signatures"]
