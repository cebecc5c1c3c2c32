"""Writes of API keys."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from regulars.identity.errors import ApiKeyEnded, ApiKeyInvalid, ApiKeyUnknown
from regulars.identity.keyring import RING
from regulars.identity.models import ApiKey
from regulars.identity.policies import (
    KEY_USE_RECORDED_EVERY,
    hash_secret,
    make_key,
    prefix_of,
    read_scopes,
    same_hash,
)
from regulars.identity.queries import api_key_info
from regulars.identity.types import ApiKeyInfo
from regulars.kit.actor import Actor
from regulars.kit.ids import ApiKeyId
from regulars.trail import facade as trail

LABEL_LENGTH_MAX = 120


@transaction.atomic(durable=True)
def issue_api_key(
    *, actor: Actor, now: datetime, label: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[ApiKeyInfo, str]:
    """A new API key and its secret, which is shown this once and kept only as a hash.

    From `expires_at` on it is refused; never, where that is None. Locks nothing. Raises ApiKeyInvalid.
    """
    label = " ".join(label.split())
    if not label or len(label) > LABEL_LENGTH_MAX:
        raise ApiKeyInvalid(f"Give the key a label of up to {LABEL_LENGTH_MAX} characters.", field="label")
    if expires_at is not None and expires_at <= now:
        raise ApiKeyInvalid(_("This day is over already."), field="expires_at")
    return _make(
        actor=actor,
        now=now,
        label=label,
        scopes=sorted(read_scopes(scopes)),
        expires_at=expires_at,
        follows=None,
    )


@transaction.atomic(durable=True)
def rotate_api_key(
    *, actor: Actor, now: datetime, key_id: ApiKeyId, overlap: timedelta, expires_at: datetime | None = None
) -> tuple[ApiKeyInfo, str]:
    """A new key with the label and scopes of another, which stays good for `overlap` yet, or as it was.

    Locks the old key's row. Raises ApiKeyUnknown, ApiKeyInvalid, and ApiKeyEnded for one that has ended or
    is followed by another already.
    """
    old = ApiKey.objects.select_for_update().filter(id=key_id).first()
    if old is None:
        raise ApiKeyUnknown(f"There is no API key {key_id}.")
    if not api_key_info(old).is_good(now):
        raise ApiKeyEnded(_("This key has ended. Make a new one instead."))
    if ApiKey.objects.filter(follows=old).exists():
        raise ApiKeyEnded(_("This key is being replaced already."))
    if overlap < timedelta(0) or (expires_at is not None and expires_at <= now):
        raise ApiKeyInvalid(_("This day is over already."), field="expires_at")
    until = now + overlap
    old.expires_at = until if old.expires_at is None else min(until, old.expires_at)
    old.save(update_fields=["expires_at"])
    info, secret = _make(
        actor=actor, now=now, label=old.label, scopes=old.scopes, expires_at=expires_at, follows=old
    )
    trail.record_audit(
        actor=actor,
        now=now,
        action="api_key.replaced",
        subject=f"api_key:{old.pk}",
        details={"by": info.prefix, "good_until": old.expires_at.isoformat()},
    )
    RING.forget()
    transaction.on_commit(RING.forget)
    return info, secret


@transaction.atomic(durable=True)
def revoke_api_key(*, actor: Actor, now: datetime, key_id: ApiKeyId, reason: str = "") -> ApiKeyInfo:
    """End an API key at once. Revoking it again changes nothing.

    Locks the key's row. Raises ApiKeyUnknown.
    """
    row = ApiKey.objects.select_for_update().filter(id=key_id).first()
    if row is None:
        raise ApiKeyUnknown(f"There is no API key {key_id}.")
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        trail.record_audit(
            actor=actor, now=now, action="api_key.revoked", subject=f"api_key:{key_id}", reason=reason
        )
        RING.forget()
        # Another thread may have read the key again before its end was there for all to see.
        transaction.on_commit(RING.forget)
    return api_key_info(row)


def authenticate_api_key(secret: str, now: datetime) -> ApiKeyInfo | None:
    """The key whose secret this is, unless it has ended; None for everything else.

    One query; a second one, at most once a minute, notes that the key is in use.
    """
    prefix = prefix_of(secret)
    if prefix is None:
        return None
    good = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    row = ApiKey.objects.filter(good, prefix=prefix, revoked_at__isnull=True).first()
    if row is None or not same_hash(bytes(row.secret_hash), hash_secret(secret)):
        return None
    unused_since = now - KEY_USE_RECORDED_EVERY
    if row.last_used_at is None or row.last_used_at <= unused_since:
        due = Q(last_used_at__isnull=True) | Q(last_used_at__lte=unused_since)
        ApiKey.objects.filter(due, id=row.pk).update(last_used_at=now)
        row.last_used_at = now
    return api_key_info(row)


def recognise_api_key(secret: str, now: datetime) -> ApiKeyInfo | None:
    """`authenticate_api_key`, remembered for a second: for what is asked thousands of times in it."""
    secret_hash = hash_secret(secret)
    info = RING.find(secret_hash)
    if info is not None and not info.is_good(now):
        return None
    if info is None:
        began = RING.now()
        info = authenticate_api_key(secret, now)
        if info is not None:
            RING.keep(secret_hash, info, began)
    return info


def _make(
    *,
    actor: Actor,
    now: datetime,
    label: str,
    scopes: Iterable[str],
    expires_at: datetime | None,
    follows: ApiKey | None,
) -> tuple[ApiKeyInfo, str]:
    prefix, secret = make_key()
    row = ApiKey.objects.create(
        prefix=prefix,
        secret_hash=hash_secret(secret),
        label=label,
        scopes=list(scopes),
        created_at=now,
        made_by=str(actor),
        expires_at=expires_at,
        follows=follows,
    )
    trail.record_audit(
        actor=actor,
        now=now,
        action="api_key.issued",
        subject=f"api_key:{row.pk}",
        details={"prefix": prefix, "scopes": [str(scope) for scope in row.scopes]}
        | ({"expires_at": expires_at.isoformat()} if expires_at else {}),
    )
    return api_key_info(row), secret
