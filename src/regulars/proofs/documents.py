"""The published JSON forms, written and read. Reading refuses what is not exactly of the form."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from regulars.proofs.encoding import hash_checkpoint
from regulars.proofs.errors import DocumentUnusable
from regulars.proofs.keys import KEY_ID_BYTES, name_key
from regulars.proofs.types import ENCODING, HASH_BYTES, Checkpoint, PublicKey, SealedEntry

CHECKPOINT_FORMAT, KEY_FORMAT, STATEMENT_FORMAT = "regulars-checkpoint", "regulars-key", "regulars-statement"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_FILE = re.compile(r"checkpoint-(\d{10})\.json")
_NUMBER_MAX = 2**63 - 1
KEY_BYTES, SIGNATURE_BYTES = 32, 64


def write_instant(at: datetime) -> str:
    """RFC 3339 in UTC, always with six decimals."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def write_checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    """The JSON form of a checkpoint."""
    return {
        "format": CHECKPOINT_FORMAT,
        "encoding": ENCODING,
        "number": checkpoint.number,
        "continues": checkpoint.continues,
        "wallets": checkpoint.wallets,
        "entries": checkpoint.entries,
        "sealed_at": write_instant(checkpoint.sealed_at),
        "previous": checkpoint.previous.hex(),
        "root": checkpoint.root.hex(),
        "key_id": checkpoint.key_id.hex(),
        "signature": checkpoint.signature.hex(),
        "hash": hash_checkpoint(checkpoint).hex(),
    }


def read_checkpoint(document: object) -> Checkpoint:
    """A checkpoint from its JSON form. Its hash must be its own. Raises DocumentUnusable."""
    told = Fields(document, "the checkpoint", CHECKPOINT_FORMAT)
    checkpoint = Checkpoint(
        number=told.number("number", least=1),
        continues=told.number("continues", least=0),
        wallets=told.number("wallets", least=0),
        entries=told.number("entries", least=0),
        sealed_at=told.instant("sealed_at"),
        previous=told.hexadecimal("previous", HASH_BYTES),
        root=told.hexadecimal("root", HASH_BYTES),
        key_id=told.hexadecimal("key_id", KEY_ID_BYTES),
        signature=told.hexadecimal("signature", SIGNATURE_BYTES),
    )
    if told.hexadecimal("hash", HASH_BYTES) != hash_checkpoint(checkpoint):
        raise DocumentUnusable(f"Checkpoint {checkpoint.number} does not have the hash that it says.")
    return checkpoint


def write_key(key: PublicKey) -> dict[str, Any]:
    """The JSON form of a public key."""
    return {
        "format": KEY_FORMAT,
        "encoding": ENCODING,
        "algorithm": "Ed25519",
        "key_id": key.key_id.hex(),
        "public_key": base64.b64encode(key.public_key).decode(),
        "created_at": write_instant(key.created_at),
        "predecessor": key.predecessor.hex() if key.predecessor else None,
        "endorsement": key.endorsement.hex() if key.endorsement else None,
    }


def read_key(document: object) -> PublicKey:
    """A public key from its JSON form. Its id must be its own. Raises DocumentUnusable."""
    told = Fields(document, "the key", KEY_FORMAT)
    public_key = decode_public_key(told.text("public_key"))
    if told.hexadecimal("key_id", KEY_ID_BYTES) != name_key(public_key):
        raise DocumentUnusable("A key does not have the id that it says.")
    ends = told.given("predecessor"), told.given("endorsement")
    return PublicKey(
        key_id=name_key(public_key),
        public_key=public_key,
        created_at=told.instant("created_at"),
        predecessor=told.hexadecimal("predecessor", KEY_ID_BYTES) if all(ends) else None,
        endorsement=told.hexadecimal("endorsement", SIGNATURE_BYTES) if all(ends) else None,
    )


def decode_public_key(text: str) -> bytes:
    """32 bytes from base64. Raises DocumentUnusable."""
    try:
        data = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise DocumentUnusable("The public key is no base64.") from error
    if len(data) != KEY_BYTES:
        raise DocumentUnusable(f"A public key has {KEY_BYTES} bytes, not {len(data)}.")
    return data


def load_public_key(told: str) -> bytes:
    """A public key as it is named: base64, or a file with base64, PEM or our JSON.

    Raises DocumentUnusable.
    """
    file = Path(told)
    try:
        text = file.read_text() if len(told) < 4096 and file.is_file() else told
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentUnusable(f"The public key in {told} cannot be read.") from error
    if text.lstrip().startswith("{"):
        return read_key(parse_json(text, told)).public_key
    if "-----BEGIN" in text:
        try:
            public = load_pem_public_key(text.encode())
        except ValueError as error:
            raise DocumentUnusable(f"{told} is no PEM file with a public key.") from error
        if not isinstance(public, Ed25519PublicKey):
            raise DocumentUnusable(f"The key in {told} is of another kind than Ed25519.")
        return public.public_bytes_raw()
    try:
        return decode_public_key(text)
    except DocumentUnusable:
        if text is told and "." in told:  # base64 has slashes, but no full stop
            raise DocumentUnusable(f"There is no file {told}.") from None
        raise


def write_entry(entry: SealedEntry) -> dict[str, Any]:
    """The JSON form of an entry within a statement, where member and currency stand above it."""
    instants = ("occurred_at", "recorded_at", "expires_at", "activates_at")
    written: dict[str, Any] = {
        name: getattr(entry, name)
        for name in SealedEntry.__dataclass_fields__
        if name not in {"member_id", "currency", "lots", "lot_amounts"}
    }
    for name in instants:
        at = written[name]
        written[name] = write_instant(at) if at is not None else None
    return written | {"lots": list(entry.lots), "lot_amounts": list(entry.lot_amounts)}


def read_entry(document: object, member_id: int, currency: str) -> SealedEntry:
    """An entry of a statement. Raises DocumentUnusable."""
    told = Fields(document, "an entry")
    return SealedEntry(
        member_id=member_id,
        currency=currency,
        seq=told.number("seq"),
        posting=told.number("posting"),
        kind=told.text("kind"),
        debit=told.text("debit"),
        credit=told.text("credit"),
        amount=told.number("amount"),
        balance_after=told.number("balance_after"),
        pending_after=told.number("pending_after"),
        held_after=told.number("held_after"),
        debt_after=told.number("debt_after"),
        occurred_at=told.instant("occurred_at"),
        recorded_at=told.instant("recorded_at"),
        expires_at=told.instant("expires_at") if told.given("expires_at") else None,
        activates_at=told.instant("activates_at") if told.given("activates_at") else None,
        awaits=told.text("awaits") if told.given("awaits") else None,
        sliding=told.truth("sliding"),
        refers_to=told.number("refers_to") if told.given("refers_to") else None,
        programme_version=told.number("programme_version") if told.given("programme_version") else None,
        rule=told.text("rule"),
        source=told.text("source"),
        actor=told.text("actor"),
        lots=told.numbers("lots"),
        lot_amounts=told.numbers("lot_amounts"),
    )


def parse_json(text: str, where: str) -> object:
    """What a JSON text says; a name given twice is refused. Raises DocumentUnusable."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DocumentUnusable(f"{where} is no JSON that can be used: {error}.") from error


def read_file(file: Path) -> object:
    """What a JSON file says. Raises DocumentUnusable."""
    try:
        return parse_json(file.read_text(), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentUnusable(
            f"{file} cannot be read ({getattr(error, 'strerror', 'no UTF-8')})."
        ) from error


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies in a directory of published checkpoints, in ascending order."""

    checkpoints: tuple[Checkpoint, ...]
    keys: tuple[PublicKey, ...]


def read_folder(directory: Path) -> Folder:
    """All published checkpoints and keys of a directory. Raises DocumentUnusable."""
    found = list_checkpoint_files(directory)
    checkpoints = []
    for number, file in found.items():
        checkpoint = read_checkpoint(read_file(file))
        if checkpoint.number != number:
            raise DocumentUnusable(f"{file.name} holds checkpoint {checkpoint.number}.")
        checkpoints.append(checkpoint)
    keys = [read_key(read_file(file)) for file in sorted(directory.glob("key-*.json"))]
    return Folder(tuple(checkpoints), tuple(keys))


def list_checkpoint_files(directory: Path) -> dict[int, Path]:
    """The files of published checkpoints in a directory, by number, ascending."""
    found = {}
    for file in directory.glob("checkpoint-*.json"):
        if match := _FILE.fullmatch(file.name):
            found[int(match[1])] = file
    return dict(sorted(found.items()))


def name_checkpoint_file(number: int) -> str:
    """The file's name: in the order of the numbers."""
    return f"checkpoint-{number:010}.json"


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a name is given twice")
    return named


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


class Fields:
    """The members of a JSON object, each asked for by name and kind."""

    def __init__(self, document: object, what: str, form: str = "") -> None:
        if not isinstance(document, Mapping):
            raise DocumentUnusable(f"Where {what} should be is no JSON object.")
        self._fields, self._what = document, what
        if form and (document.get("format") != form or repr(document.get("encoding")) != repr(ENCODING)):
            # The number 1 itself: true and 1.0 are equal to it in Python, and not in other languages.
            raise DocumentUnusable(f"This is not {what} in the form {form}, encoding {ENCODING}.")

    def given(self, name: str) -> bool:
        """Whether there is a value that is not null."""
        return self._fields.get(name) is not None

    def any(self, name: str) -> Any:
        """The value, whatever it is."""
        return self._fields.get(name)

    def number(self, name: str, *, least: int = -_NUMBER_MAX - 1) -> int:
        """A whole number of 64 bits."""
        value = self._fields.get(name)
        if type(value) is not int or not least <= value <= _NUMBER_MAX:
            raise self._wrong(name, "a whole number")
        return value

    def numbers(self, name: str) -> tuple[int, ...]:
        """Whole numbers of 64 bits."""
        value = self._fields.get(name)
        if not isinstance(value, list) or any(type(n) is not int or abs(n) > _NUMBER_MAX for n in value):
            raise self._wrong(name, "a list of whole numbers")
        return tuple(value)

    def text(self, name: str) -> str:
        """A text that can be written in UTF-8."""
        value = self._fields.get(name)
        if not isinstance(value, str) or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise self._wrong(name, "a text")
        return value

    def truth(self, name: str) -> bool:
        """True or false."""
        value = self._fields.get(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def instant(self, name: str) -> datetime:
        """A time as `write_instant` writes it."""
        value = self._fields.get(name)
        try:
            if isinstance(value, str) and _INSTANT.fullmatch(value):
                return datetime.fromisoformat(value)
        except ValueError:
            pass
        raise self._wrong(name, "a time such as 2026-01-31T12:00:00.000000Z")

    def hexadecimal(self, name: str, size: int) -> bytes:
        """So many bytes."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not re.fullmatch(rf"[0-9a-f]{{{2 * size}}}", value):
            raise self._wrong(name, f"{size} bytes in hexadecimal")
        return bytes.fromhex(value)

    def list(self, name: str) -> list[Any]:
        """A list of anything."""
        value = self._fields.get(name)
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return value

    def _wrong(self, name: str, wanted: str) -> DocumentUnusable:
        return DocumentUnusable(f"In {self._what}, {name} should be {wanted}.")
