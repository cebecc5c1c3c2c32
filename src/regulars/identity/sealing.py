"""Secrets that must be read again, such as an authenticator app's: sealed under the installation's key.

AES-256-GCM under a key derived (HKDF-SHA-256) from SECRET_KEY, which lies beside the database and not in it.
What is sealed is bound to what it is for: one operator's secret cannot be put into another's row.
"""

import secrets
from typing import TYPE_CHECKING

from django.conf import settings

from regulars.identity.errors import SealBroken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


def seal(secret: str, *, purpose: str) -> bytes:
    """The secret as it may lie in the database. `purpose`, such as `totp:3`, is needed to open it again."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher().encrypt(nonce, secret.encode(), purpose.encode())


def unseal(sealed: bytes, *, purpose: str) -> str:
    """What was sealed for this purpose. Raises SealBroken: another purpose, another key, or tampered with."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  (heavy: every command would load it)

    try:
        opened = _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode())
    except InvalidTag:
        raise SealBroken("This secret was sealed under another key: set it up again.") from None
    return opened.decode()


def _cipher() -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  (as above)
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"regulars.identity.sealing").derive(
        settings.SECRET_KEY.encode()
    )
    return AESGCM(key)
