"""What is shown once, on its way from the deed to the page that shows it, so that no reload repeats the deed.

It waits in the session for a moment, masked by what stands only in the address of that page: neither the
database nor the address tells it alone. Who opens the page takes it away.
"""

import json
import secrets
from collections.abc import Mapping, MutableMapping
from datetime import datetime, timedelta
from hashlib import shake_256
from typing import Any

SLOT = "shown_once"
WAITS = timedelta(minutes=2)
WAITING_MAX = 5
TOKEN_BYTES = 16


def keep_once(session: MutableMapping[str, Any], told: Mapping[str, str], *, now: datetime) -> str:
    """Have something wait for its page; gives the token of the address."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    waiting = [one for one in session.get(SLOT, []) if one["until"] > now.isoformat()]
    held = {
        "of": _name(token),
        "until": (now + WAITS).isoformat(),
        "masked": _mask(json.dumps(dict(told)).encode(), token).hex(),
    }
    # A new list: the session does not see what changes within one.
    session[SLOT] = [*waiting, held][-WAITING_MAX:]
    return token


def take_once(session: MutableMapping[str, Any], token: str, *, now: datetime) -> Mapping[str, str] | None:
    """What waited under a token, which is then gone; None where nothing does, or it waited too long."""
    name = _name(token)
    waiting = session.get(SLOT, [])
    found = next((one for one in waiting if secrets.compare_digest(one["of"], name)), None)
    if found is None:
        return None
    session[SLOT] = [one for one in waiting if one is not found]
    if found["until"] <= now.isoformat():
        return None
    told: Mapping[str, str] = json.loads(_mask(bytes.fromhex(found["masked"]), token))
    return told


def _name(token: str) -> str:
    return shake_256(b"name" + token.encode()).hexdigest(16)


def _mask(text: bytes, token: str) -> bytes:
    """A one-time pad drawn from the token; the same again takes it off."""
    pad = shake_256(b"mask" + token.encode()).digest(len(text))
    return bytes(one ^ other for one, other in zip(text, pad, strict=True))
