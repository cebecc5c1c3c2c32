"""An authenticator in software: answers as a browser with a passkey does, truly signed."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from regulars.identity.facade import Site

SITE = Site("shop.example", "Corner Shop", frozenset({"https://shop.example"}))
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Device:
    """One passkey: its key, its number, and how often it has signed."""

    credential_id: bytes = b"one passkey"
    counter: int = 0
    origin: str = "https://shop.example"
    rp_id: str = "shop.example"
    flags: int = PRESENT | VERIFIED
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: Any) -> dict[str, Any]:
        """What the browser answers when it has made the passkey."""
        public = ES256.from_cryptography_key(self.key.public_key())
        known = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        data = AuthenticatorData.create(self._rp_hash(), self.flags | ATTESTED, self.counter, known)  # type: ignore[arg-type]
        made = AttestationObject.create("none", data, {})
        response = {
            "clientDataJSON": websafe_encode(self._client_data("webauthn.create", options)),
            "attestationObject": websafe_encode(bytes(made)),
        }
        return self._credential(response)

    def sign(self, options: Any) -> dict[str, Any]:
        """What it answers when it has signed a challenge; its counter rises, if it counts at all."""
        self.counter += 1 if self.counter else 0
        data = AuthenticatorData.create(self._rp_hash(), self.flags, self.counter)  # type: ignore[arg-type]
        said = self._client_data("webauthn.get", options)
        signature = self.key.sign(bytes(data) + sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(said),
            "authenticatorData": websafe_encode(bytes(data)),
            "signature": websafe_encode(signature),
        }
        return self._credential(response)

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        number = websafe_encode(self.credential_id)
        return {"id": number, "rawId": number, "type": "public-key", "response": response}

    def _client_data(self, kind: str, options: Any) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _rp_hash(self) -> bytes:
        return sha256(self.rp_id.encode()).digest()
