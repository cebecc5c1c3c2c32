"""Writes of code pools: filling them, and handing out one code at a time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from regulars.catalogue.errors import CodesInvalid, PoolNotFound, SoldOut
from regulars.catalogue.models import Code, CodePool
from regulars.catalogue.policies import (
    CODE,
    Alphabet,
    check_pattern,
    is_storable,
    make_code,
    mask_code,
    read_sheet,
)
from regulars.catalogue.queries.codes import read_free_values
from regulars.catalogue.types import CodeImport, CodeLine, CodeState, SheetImport
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
RETURNING value
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
def save_pool(*, actor: Actor, now: datetime, code: str, name: str, alert_below: int | None = None) -> None:
    """Create a pool, rename it, or say below how many free codes it warns; None leaves that as it is.

    Locks the pool. Raises CodesInvalid. Leaves a line in the audit trail where anything changed.
    """
    name = name.strip()
    if CODE.fullmatch(code) is None or not 0 < len(name) <= 120 or not is_storable(name):
        raise CodesInvalid(
            _("A pool has a code of a–z, 0–9, dot, dash and underscore, and a name of 1 to 120.")
        )
    if alert_below is not None and not 0 <= alert_below < 2**31:
        raise CodesInvalid(_("The alert is a number of codes, 0 for never."), field="alert_below")
    before = CodePool.objects.select_for_update().filter(code=code).first()
    wanted: dict[str, str | int] = {"name": name}
    if alert_below is not None:
        wanted["alert_below"] = alert_below
    if before is not None and all(getattr(before, field) == value for field, value in wanted.items()):
        return
    CodePool.objects.update_or_create(code=code, defaults=wanted)
    trail.record_audit(
        actor=actor, now=now, action="code_pool.saved", subject=f"code_pool:{code}", details=wanted
    )


@transaction.atomic(durable=True)
def import_codes(*, actor: Actor, now: datetime, pool: str, codes: Iterable[str]) -> CodeImport:
    """Put codes into a pool.

    White space around a code is dropped, empty ones are skipped, repeated ones counted. Raises PoolNotFound,
    CodesInvalid (nothing is imported then). The audit trail keeps the numbers, not the codes.
    """
    row = _get_pool(pool)
    given = [code.strip() for code in codes]
    given = [code for code in given if code]
    for code in given:
        if len(code) > CODE_MAX or not is_storable(code):
            raise CodesInvalid(
                _("A code has at most %(most)d characters of valid Unicode.") % {"most": CODE_MAX}
            )
    added = _add(row, given)
    done = CodeImport(added=len(added), repeated=len(given) - len(added))
    _record(actor, now, "codes.imported", pool, {"added": done.added, "repeated": done.repeated})
    return done


@transaction.atomic(durable=True)
def import_code_sheet(*, actor: Actor, now: datetime, pool: str, text: str) -> SheetImport:
    """Put the good codes of a sheet (text or CSV, one a line) into a pool; tell which lines were left out.

    Raises PoolNotFound, CodesInvalid where the sheet is too long. The audit trail keeps the numbers.
    """
    row = _get_pool(pool)
    sheet = read_sheet(text)
    added = _add(row, sheet.codes)
    known = tuple(
        CodeLine(number, mask_code(code)) for code, number in sheet.codes.items() if code not in added
    )
    if sheet.codes or sheet.bad:
        numbers = {"added": len(added), "repeated": len(known) + len(sheet.twice), "bad": len(sheet.bad)}
        _record(actor, now, "codes.imported", pool, numbers)
    return SheetImport(len(added), known, sheet.twice, sheet.bad)


@transaction.atomic(durable=True)
def generate_codes(
    *, actor: Actor, now: datetime, pool: str, pattern: str, alphabet: Alphabet, count: int
) -> int:
    """Make so many new codes that nobody can guess: each `#` of the pattern is drawn from the alphabet.

    Answers how many were made, which is `count`. Raises PoolNotFound; CodesInvalid where codes of that
    pattern could be guessed. The audit trail keeps the numbers and the pattern.
    """
    row = _get_pool(pool)
    check_pattern(pattern, alphabet, count)
    made = 0
    # Two equal ones, or one that is there already, are so rare that a second round is never needed twice.
    while made < count:
        made += len(_add(row, {make_code(pattern, alphabet) for _each in range(count - made)}))
    _record(actor, now, "codes.generated", pool, {"count": made, "pattern": pattern})
    return made


@transaction.atomic(durable=True)
def hand_out_free_codes(*, actor: Actor, now: datetime, pool: str) -> list[str]:
    """What the free codes of a pool say, for a file that an operator fetches. They stay free.

    Raises PoolNotFound. Leaves `codes.downloaded` with their number in the audit trail, none of the codes.
    """
    _get_pool(pool)
    values = list(read_free_values(pool))
    _record(actor, now, "codes.downloaded", pool, {"count": len(values)})
    return values


def _get_pool(code: str) -> CodePool:
    row = CodePool.objects.filter(code=code).first()
    if row is None:
        raise PoolNotFound(f"There is no code pool “{code}”; create it first.", pool=code)
    return row


def _add(pool: CodePool, codes: Iterable[str]) -> set[str]:
    """Write the codes that are new, and answer them."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy("COPY catalogue_code_stage FROM STDIN") as copy:
            for code in codes:
                copy.write_row((code,))
        cursor.execute(_ADD, [pool.pk])
        return {value for (value,) in cursor.fetchall()}


def _record(actor: Actor, now: datetime, action: str, pool: str, details: dict[str, Any]) -> None:
    subject = f"code_pool:{pool}"
    trail.record_audit(actor=actor, now=now, action=action, subject=subject, details=details)


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
