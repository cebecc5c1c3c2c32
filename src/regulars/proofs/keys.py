"""Ed25519: making keys, signing, checking; and which keys are trusted because a trusted one endorsed them."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from regulars.proofs.encoding import encode_key
from regulars.proofs.errors import DocumentUnusable
from regulars.proofs.types import PublicKey

KEY_ID_BYTES = 16


class SigningKey:
    """A private key, held in memory."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key, from the system's random numbers."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, pem: bytes) -> "SigningKey":
        """A key from PKCS #8 in PEM. Raises DocumentUnusable."""
        try:
            private = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError) as error:
            raise DocumentUnusable(
                "The file of the signing key is no PEM file with a private key."
            ) from error
        if not isinstance(private, Ed25519PrivateKey):
            raise DocumentUnusable("The signing key is of another kind than Ed25519.")
        return cls(private)

    def dump(self) -> bytes:
        """PKCS #8 in PEM, not encrypted: its file is to be readable by its owner alone."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public_key(self) -> bytes:
        """The public part: 32 bytes."""
        return self._private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        """The name of the public part."""
        return name_key(self.public_key)

    def sign(self, data: bytes) -> bytes:
        """64 bytes; the same data give the same signature."""
        return self._private.sign(data)


def name_key(public_key: bytes) -> bytes:
    """The id of a key: the first 16 bytes of the SHA-256 of its public part."""
    return hashlib.sha256(public_key).digest()[:KEY_ID_BYTES]


def is_signed(data: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether the key's owner signed the data."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def endorse(key: PublicKey, by: SigningKey) -> PublicKey:
    """The key with the word of the one before it."""
    return PublicKey(key.key_id, key.public_key, key.created_at, by.key_id, by.sign(encode_key(key)))


def describe_key(public_key: bytes, created_at: datetime) -> PublicKey:
    """A key without a predecessor."""
    return PublicKey(name_key(public_key), public_key, created_at)


class KeyRing:
    """Keys that are trusted: those given, and those endorsed by a trusted one."""

    def __init__(self, trusted: Iterable[bytes], offered: Iterable[PublicKey] = ()) -> None:
        """`trusted` are public keys; `offered` may come from anywhere."""
        self.keys = {name_key(public_key): public_key for public_key in trusted}
        self.predecessors: dict[bytes, bytes] = {}
        waiting = [key for key in offered if key.key_id == name_key(key.public_key)]
        found = True
        while found:
            found = False
            for key in waiting:
                if key.predecessor in self.keys and key.key_id not in self.predecessors:
                    found |= self._admit(key, self.keys[key.predecessor])

    def _admit(self, key: PublicKey, predecessor: bytes) -> bool:
        if key.predecessor is None or not is_signed(encode_key(key), key.endorsement or b"", predecessor):
            return False
        self.keys[key.key_id] = key.public_key
        self.predecessors[key.key_id] = key.predecessor
        return True

    def find(self, key_id: bytes) -> bytes | None:
        """The public key of that name, if it is trusted."""
        return self.keys.get(key_id)

    def may_follow(self, key_id: bytes, before: bytes) -> bool:
        """Whether a checkpoint of one key may come after one of another: not of a key that was succeeded."""
        seen: set[bytes] = set()
        while (predecessor := self.predecessors.get(before)) is not None and predecessor not in seen:
            if predecessor == key_id:
                return False
            seen.add(predecessor)
            before = predecessor
        return True
