"""API keys: shown once, hashed at rest, cheap to check, ended at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.identity import facade as identity
from regulars.identity.facade import Scope
from regulars.identity.keyring import KeyRing
from regulars.identity.models import ApiKey
from regulars.identity.policies import hash_secret
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import ApiKeyId
from regulars.trail import facade as trail

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def issue(*scopes: str) -> tuple[identity.ApiKeyInfo, str]:
    return identity.issue_api_key(
        actor=SYSTEM, now=NOW, label="  Web   shop ", scopes=scopes or ["orders:write", "members:read"]
    )


def test_a_key_opens_with_its_secret_and_nothing_else() -> None:
    info, secret = issue()
    assert secret.startswith(f"rgl_{info.prefix}_")
    assert (info.label, info.scopes) == ("Web shop", {Scope.ORDERS_WRITE, Scope.MEMBERS_READ})
    found = identity.authenticate_api_key(secret, NOW)
    assert found is not None
    assert (found.id, found.actor.ref) == (info.id, info.prefix)
    _other, other_secret = issue()
    mixed = f"rgl_{info.prefix}_{other_secret.split('_', 2)[2]}"
    for wrong in (
        mixed,
        secret[:-1],
        secret + "x",
        secret.upper(),
        "",
        "rgl__",
        "rgl_a_b",
        "x" * 10_000,
        "é\0",
    ):
        assert identity.authenticate_api_key(wrong, NOW) is None


def test_the_secret_is_not_kept() -> None:
    _info, secret = issue()
    kept = repr(ApiKey.objects.values().get()) + repr(trail.list_audit().items)
    assert secret.split("_", 2)[2] not in kept
    assert len(bytes(ApiKey.objects.get().secret_hash)) == 32


def test_checking_is_one_query_and_use_is_noted_once_a_minute() -> None:
    _info, secret = issue()

    def queries(at: datetime) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert identity.authenticate_api_key(secret, at) is not None
        return len(captured)

    assert queries(NOW) == 2
    assert queries(NOW + timedelta(seconds=59)) == 1
    assert identity.list_api_keys()[0].last_used_at == NOW
    assert queries(NOW + timedelta(seconds=60)) == 2
    assert identity.list_api_keys()[0].last_used_at == NOW + timedelta(seconds=60)


def test_a_key_is_remembered_for_a_second() -> None:
    info, secret = issue()
    now = [0.0]
    ring = KeyRing(clock=lambda: now[0])
    secret_hash = hash_secret(secret)
    assert ring.find(secret_hash) is None
    ring.keep(secret_hash, info, ring.now())
    now[0] = 0.99
    assert ring.find(secret_hash) == info
    now[0] = 1.0
    assert ring.find(secret_hash) is None
    ring.keep(secret_hash, info, ring.now())
    ring.forget()
    assert ring.find(secret_hash) is None


def test_a_remembered_key_ends_with_its_revocation() -> None:
    info, secret = issue()
    assert identity.recognise_api_key(secret, NOW) == identity.recognise_api_key(secret, NOW) is not None
    identity.revoke_api_key(actor=SYSTEM, now=NOW, key_id=info.id)
    assert identity.recognise_api_key(secret, NOW) is None
    assert identity.recognise_api_key("rgl_aaaaaaaaaa_nothing", NOW) is None


def test_a_revoked_key_opens_nothing_more() -> None:
    info, secret = issue()
    ended = identity.revoke_api_key(actor=SYSTEM, now=NOW, key_id=info.id, reason="leaked")
    assert ended.revoked_at == NOW
    assert identity.authenticate_api_key(secret, NOW) is None
    again = identity.revoke_api_key(actor=SYSTEM, now=NOW + timedelta(days=1), key_id=info.id)
    assert again == ended
    assert [record.action for record in trail.list_audit(subject=f"api_key:{info.id}").items] == [
        "api_key.revoked",
        "api_key.issued",
    ]


def test_what_makes_no_key_is_refused() -> None:
    for label, scopes in (
        ("", ["orders:write"]),
        ("x" * 121, ["orders:write"]),
        ("shop", []),
        ("shop", ["all"]),
    ):
        with pytest.raises(identity.ApiKeyInvalid):
            identity.issue_api_key(actor=SYSTEM, now=NOW, label=label, scopes=scopes)
    with pytest.raises(identity.ApiKeyUnknown):
        identity.revoke_api_key(actor=SYSTEM, now=NOW, key_id=ApiKeyId(404))
    assert identity.list_api_keys() == []


def test_scopes_are_checked_by_name() -> None:
    info, _secret = issue("members:read")
    identity.check_scope(info, Scope.MEMBERS_READ)
    with pytest.raises(identity.ScopeMissing):
        identity.check_scope(info, Scope.MEMBERS_WRITE)


def test_a_key_ends_on_its_day_also_where_it_is_remembered() -> None:
    end = NOW + timedelta(days=30)
    info, secret = identity.issue_api_key(
        actor=SYSTEM, now=NOW, label="x", scopes=["orders:write"], expires_at=end
    )
    assert (info.made_by, info.expires_at) == ("system", end)
    for find in (identity.authenticate_api_key, identity.recognise_api_key):
        assert find(secret, end - timedelta(microseconds=1)) is not None
        assert find(secret, end) is None
    with pytest.raises(identity.ApiKeyInvalid):
        identity.issue_api_key(actor=SYSTEM, now=NOW, label="x", scopes=["orders:write"], expires_at=NOW)


def test_a_key_is_replaced_with_an_overlap() -> None:
    old, old_secret = issue()
    new, new_secret = identity.rotate_api_key(actor=SYSTEM, now=NOW, key_id=old.id, overlap=timedelta(days=7))
    assert (new.label, new.scopes, new.follows) == (old.label, old.scopes, old.id)
    during, after = NOW + timedelta(days=6), NOW + timedelta(days=7)
    assert identity.authenticate_api_key(old_secret, during) is not None
    assert identity.authenticate_api_key(old_secret, after) is None
    assert identity.authenticate_api_key(new_secret, after) is not None
    with pytest.raises(identity.ApiKeyEnded):
        identity.rotate_api_key(actor=SYSTEM, now=NOW, key_id=old.id, overlap=timedelta(0))
    newest, _secret = identity.rotate_api_key(actor=SYSTEM, now=NOW, key_id=new.id, overlap=timedelta(0))
    assert identity.authenticate_api_key(new_secret, NOW) is None
    with pytest.raises(identity.ApiKeyEnded):
        identity.rotate_api_key(actor=SYSTEM, now=NOW, key_id=new.id, overlap=timedelta(0))
    with pytest.raises(identity.ApiKeyUnknown):
        identity.rotate_api_key(actor=SYSTEM, now=NOW, key_id=ApiKeyId(404), overlap=timedelta(0))
    assert [key.id for key in identity.list_api_keys()] == [newest.id, new.id, old.id]


def test_an_overlap_never_prolongs_a_key() -> None:
    soon = NOW + timedelta(days=2)
    old, _secret = identity.issue_api_key(
        actor=SYSTEM, now=NOW, label="x", scopes=["orders:write"], expires_at=soon
    )
    identity.rotate_api_key(actor=SYSTEM, now=NOW, key_id=old.id, overlap=timedelta(days=30))
    assert identity.list_api_keys()[-1].expires_at == soon


def test_a_key_that_nobody_uses_is_told_of() -> None:
    info, secret = issue()
    later = NOW + timedelta(days=90)
    assert not identity.is_key_unused(info, later - timedelta(seconds=1))
    assert identity.is_key_unused(info, later)
    used = identity.authenticate_api_key(secret, later)
    assert used is not None
    assert not identity.is_key_unused(used, later)
    ended = identity.revoke_api_key(actor=SYSTEM, now=NOW, key_id=info.id)
    assert not identity.is_key_unused(ended, later + timedelta(days=400))
