"""Writes of code pools: filling them, and handing out one code at a time."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from regulars.catalogue.errors import CodesInvalid, PoolNotFound, SoldOut
from regulars.catalogue.models import Code, CodePool
from regulars.catalogue.policies import CODE, is_storable
from regulars.catalogue.types import CodeImport, CodeState
from regulars.kit.actor import Actor
from regulars.trail import facade as trail

_STAGE = """
CREATE TEMP TABLE IF NOT EXISTS catalogue_code_stage (value varchar) ON COMMIT DELETE ROWS;
TRUNCATE catalogue_code_stage
"""
_ADD = """
INSERT INTO catalogue_code (pool_id, value, state)
SELECT %s, value, 'free' FROM catalogue_code_stage ORDER BY value
ON CONFLICT (pool_id, value) DO NOTHING
"""
_CLAIM = """
UPDATE catalogue_code SET state = 'claimed', claimed_at = %s
WHERE id = (
    SELECT code.id FROM catalogue_code code JOIN catalogue_codepool pool ON pool.id = code.pool_id
    WHERE pool.code = %s AND code.state = 'free'
    ORDER BY code.id LIMIT 1 FOR UPDATE OF code SKIP LOCKED
)
RETURNING id
"""
_REVEAL = """
UPDATE catalogue_code SET state = 'revealed', revealed_at = %s WHERE id = %s AND state = 'claimed'
RETURNING value
"""
CODE_MAX = 200


@transaction.atomic(durable=True)
def save_pool(*, actor: Actor, now: datetime, code: str, name: str) -> None:
    """Create a pool, or rename it. Raises CodesInvalid."""
    name = name.strip()
    if CODE.fullmatch(code) is None or not 0 < len(name) <= 120 or not is_storable(name):
        raise CodesInvalid("A pool has a code of a–z, 0–9, dot, dash and underscore, and a name of 1 to 120.")
    before = CodePool.objects.select_for_update().filter(code=code).first()
    if before is not None and before.name == name:
        return
    CodePool.objects.update_or_create(code=code, defaults={"name": name})
    trail.record_audit(
        actor=actor, now=now, action="code_pool.saved", subject=f"code_pool:{code}", details={"name": name}
    )


@transaction.atomic(durable=True)
def import_codes(*, actor: Actor, now: datetime, pool: str, codes: Iterable[str]) -> CodeImport:
    """Put codes into a pool.

    White space around a code is dropped, empty ones are skipped, repeated ones counted. Raises PoolNotFound,
    CodesInvalid (nothing is imported then). The audit trail keeps the numbers, not the codes.
    """
    row = CodePool.objects.filter(code=pool).first()
    if row is None:
        raise PoolNotFound(f"There is no code pool “{pool}”; create it first.", pool=pool)
    given = [code.strip() for code in codes]
    given = [code for code in given if code]
    for code in given:
        if len(code) > CODE_MAX or not is_storable(code):
            raise CodesInvalid(f"A code has at most {CODE_MAX} characters of valid Unicode.")
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy("COPY catalogue_code_stage FROM STDIN") as copy:
            for code in given:
                copy.write_row((code,))
        cursor.execute(_ADD, [row.pk])
        added = cursor.rowcount
    done = CodeImport(added=added, repeated=len(given) - added)
    trail.record_audit(
        actor=actor,
        now=now,
        action="codes.imported",
        subject=f"code_pool:{pool}",
        details={"added": done.added, "repeated": done.repeated},
    )
    return done


def claim_code(*, pool: str, now: datetime) -> int:
    """Set one free code aside and answer its id; what it says stays hidden until `reveal_code`.

    Passes over codes that others are claiming this moment, so nobody waits. Raises SoldOut where no free one
    is left; RuntimeError outside a transaction.
    """
    trail.require_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now, pool])
        row = cursor.fetchone()
    if row is None:
        raise SoldOut("No code is left; the shop has to add more.", pool=pool)
    return int(row[0])


def reveal_code(*, actor: Actor, now: datetime, code_id: int) -> str:
    """Open a claimed code once it is paid for: answer what it says. From now on it is never free again.

    Leaves a line in the audit trail, without the code. RuntimeError outside a transaction, or where the code
    is not claimed.
    """
    trail.require_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_REVEAL, [now, code_id])
        row = cursor.fetchone()
    if row is None:
        raise RuntimeError("Only a claimed code can be revealed.")
    trail.record_audit(actor=actor, now=now, action="code.revealed", subject=f"code:{code_id}")
    return str(row[0])


def give_back_code(*, actor: Actor, now: datetime, code_id: int, reason: str) -> bool:
    """Take a code back: one that nobody has seen is free again, one that was revealed is void for ever.

    Answers whether it is free, so no longer the caller's. Leaves a line in the audit trail.
    RuntimeError outside a transaction.
    """
    trail.require_transaction()
    freed = Code.objects.filter(pk=code_id, state=CodeState.CLAIMED).update(
        state=CodeState.FREE, claimed_at=None
    )
    voided = (
        0 if freed else Code.objects.filter(pk=code_id, state=CodeState.REVEALED).update(state=CodeState.VOID)
    )
    if freed or voided:
        action = "code.freed" if freed else "code.voided"
        trail.record_audit(actor=actor, now=now, action=action, subject=f"code:{code_id}", reason=reason)
    return bool(freed)
