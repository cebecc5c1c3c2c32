"""Pure decisions of the widget: which origins make sense, and which tokens are believed.

A member token is a JWT (RFC 7519) signed with Ed25519 (`alg` EdDSA, RFC 8037). Nothing else is taken,
whatever the token's header asks for, and of the header only `kid` is read.
"""

import re
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.utils.translation import gettext as _

from regulars.widget.errors import OriginInvalid, TokenExpired, TokenRefused, WidgetKeyInvalid
from regulars.widget.types import MemberClaim, WidgetKey

ALGORITHM = "EdDSA"
AUDIENCE = "regulars-widget"
TOKEN_LIFE_MAX = timedelta(minutes=10)
CLOCK_SKEW = timedelta(seconds=30)
"""How far the shop's clock may be from ours, either way."""
OVERLAP_DEFAULT = timedelta(hours=24)
"""How long a key that is replaced goes on being believed: time enough to hand out the new one."""
LABEL_LENGTH_MAX = 120
TOKEN_LENGTH_MAX = 2_000
INSTANT_MAX = 1e12
"""Seconds since 1970, far beyond the calendar."""
SITES_MAX = 50
USE_RECORDED_EVERY = timedelta(minutes=10)
_KID_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\]")
_SUBJECT = re.compile(r"[1-9][0-9]{0,17}|external:[^\x00-\x1f]{1,200}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_DEFAULT_PORTS = {"https": 443, "http": 80}


def check_label(raw: str) -> str:
    """What a key is for. Raises WidgetKeyInvalid."""
    label = " ".join(raw.split())
    if not label or len(label) > LABEL_LENGTH_MAX or not label.isprintable():
        raise WidgetKeyInvalid(
            _("Give the key a label of up to %(count)d characters.") % {"count": LABEL_LENGTH_MAX},
            field="label",
        )
    return label


def read_origin(raw: str) -> str:
    """An origin as browsers send it, out of what a person types or copies from an address bar.

    https alone, but for this machine itself, where shops try things out. Raises OriginInvalid.
    """
    given = raw.strip()
    try:
        parts = urlsplit(given.lower() if "://" in given else f"https://{given.lower()}")
        port = parts.port
    except ValueError:
        raise _bad_origin(given) from None
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise _bad_origin(given) from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not safe or not _HOST.fullmatch(host) or len(host) > 253 or parts.username is not None:
        raise _bad_origin(given)
    return f"{parts.scheme}://{host}" + (
        f":{port}" if port is not None and port != _DEFAULT_PORTS[parts.scheme] else ""
    )


def read_origins(text: str) -> tuple[str, ...]:
    """Origins, one a line, sorted, each once. Raises OriginInvalid."""
    found = tuple(sorted({read_origin(line) for line in text.splitlines() if line.strip()}))
    if len(found) > SITES_MAX:
        raise OriginInvalid(
            _("At most %(count)d sites can show the widget.") % {"count": SITES_MAX}, field="origins"
        )
    return found


def make_kid() -> str:
    """A name for a new key; nothing secret."""
    return "wk_" + "".join(secrets.choice(_KID_ALPHABET) for _ in range(12))


def make_key_pair() -> tuple[bytes, str]:
    """A new key as (public half, 32 bytes; private half, PEM of PKCS #8)."""
    return split_key(Ed25519PrivateKey.generate())


def split_key(private: Ed25519PrivateKey) -> tuple[bytes, str]:
    """Both halves of a key, as they are kept and as they are handed out."""
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return public, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def read_token(
    token: str,
    *,
    find_key: Callable[[str], WidgetKey | None],
    sites: Collection[str],
    origin: str | None,
    now: datetime,
) -> MemberClaim:
    """What a member token says. Raises TokenExpired, and TokenRefused for everything else.

    `origin` is the site of the page that asks, where the browser says so: it must be the one that the token
    was issued for, so that a token taken from one site is of no use on another.
    """
    key = find_key(_read_kid(token))
    if key is None or not key.is_good(now):
        raise _refused()
    claims = _verify(token, key)
    issued_at, expires_at, not_before = map(
        _read_instant, (claims["iat"], claims["exp"], claims.get("nbf", claims["iat"]))
    )
    at, skew = now.timestamp(), CLOCK_SKEW.total_seconds()
    if expires_at - issued_at > TOKEN_LIFE_MAX.total_seconds() or expires_at <= issued_at:
        raise _refused()
    if max(issued_at, not_before) > at + skew:
        raise _refused()
    subject, site = claims["sub"], claims["iss"]
    if not isinstance(site, str) or site not in sites or (origin is not None and site != origin):
        raise _refused()
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise _refused()
    if expires_at + skew <= at:
        raise TokenExpired(_("This member token has expired; ask the shop for a new one."))
    return MemberClaim(subject, site, key.kid)


def _read_kid(token: str) -> str:
    try:
        kid = jwt.get_unverified_header(token).get("kid") if len(token) <= TOKEN_LENGTH_MAX else None
    except jwt.PyJWTError:
        raise _refused() from None
    if not isinstance(kid, str) or not kid.isascii() or not kid.isprintable() or len(kid) > 20:
        raise _refused()
    return kid


def _verify(token: str, key: WidgetKey) -> dict[str, object]:
    """The claims, whose signature and audience are right and of which none is missing; times are ours."""
    try:
        return dict(
            jwt.decode(
                token,
                Ed25519PublicKey.from_public_bytes(key.public_key),
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={
                    "require": ["exp", "iat", "aud", "iss", "sub"],
                    # Compared with the caller's `now`, not with a clock of the library's own.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        )
    except (jwt.PyJWTError, ValueError):
        raise _refused() from None


def _read_instant(value: object) -> float:
    # JSON as Python reads it knows NaN, which is less than nothing, and whole numbers too long for a float.
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < INSTANT_MAX:
        raise _refused()
    return value


def _refused() -> TokenRefused:
    return TokenRefused(_("This member token is not good here."))


def _bad_origin(given: str) -> OriginInvalid:
    return OriginInvalid(
        _("“%(given)s” is not the address of a site. Write https:// and its name: https://shop.example")
        % {"given": given[:80]},
        field="origins",
    )
