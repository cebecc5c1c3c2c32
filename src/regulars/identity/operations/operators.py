"""Writes of operators: letting in, changing, the password."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from regulars.identity.errors import LastOwner, OperatorExists, OperatorUnknown
from regulars.identity.models import Operator, OperatorSession
from regulars.identity.notices import Change, tell_operator
from regulars.identity.operations.checks import (
    check_email,
    check_language,
    check_name,
    check_new_password,
    check_role,
    check_time_zone,
)
from regulars.identity.queries import operator_info
from regulars.identity.types import OperatorInfo, Role
from regulars.kit.actor import Actor
from regulars.kit.ids import OperatorId
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def create_operator(
    *, actor: Actor, now: datetime, email: str, password: str, role: Role, name: str = ""
) -> OperatorInfo:
    """Let someone work the console.

    Locks nothing. Raises OperatorInvalid, OperatorExists.
    """
    address = check_email(email)
    row = Operator(email=address, name=check_name(name), role=check_role(role), created_at=now)
    check_new_password(password, row)
    row.set_password(password)
    # The unique constraint decides between two at once; a failed insert would abort the transaction.
    created = Operator.objects.bulk_create([row], ignore_conflicts=True)
    stored = Operator.objects.filter(email=address, password=created[0].password).first()
    if stored is None:
        raise OperatorExists(f"There is an operator with the address {address} already.")
    trail.record_audit(
        actor=actor,
        now=now,
        action="operator.created",
        subject=f"operator:{stored.pk}",
        details={"role": stored.role},
    )
    return operator_info(stored)


@transaction.atomic(durable=True)
def change_operator(
    *,
    actor: Actor,
    now: datetime,
    operator_id: OperatorId,
    role: Role | None = None,
    active: bool | None = None,
    name: str | None = None,
) -> OperatorInfo:
    """Change an operator's role or name, or whether they may work at all.

    Locks the rows of all owners and of the operator, ascending.
    Raises OperatorUnknown, OperatorInvalid, LastOwner.
    """
    owners = list(
        Operator.objects.select_for_update().filter(Q(role=Role.OWNER) | Q(id=operator_id)).order_by("id")
    )
    row = next((row for row in owners if row.pk == operator_id), None)
    if row is None:
        raise OperatorUnknown(f"There is no operator {operator_id}.")
    row.role = row.role if role is None else check_role(role)
    row.is_active = row.is_active if active is None else active
    row.name = row.name if name is None else check_name(name)
    if not any(each.is_active and each.role == Role.OWNER for each in owners):
        raise LastOwner("One active owner must remain; make somebody else an owner first.")
    row.save(update_fields=["role", "is_active", "name"])
    if not row.is_active:
        OperatorSession.objects.filter(operator=row).delete()
    trail.record_audit(
        actor=actor,
        now=now,
        action="operator.changed",
        subject=f"operator:{operator_id}",
        details={"role": row.role, "active": row.is_active},
    )
    return operator_info(row)


@transaction.atomic(durable=True)
def change_password(
    *, actor: Actor, now: datetime, operator_id: OperatorId, password: str, keep_session: int | None = None
) -> None:
    """Give an operator another password; every session of theirs ends with the old one.

    Only the one in which they change it may be kept; its browser needs the new password's mark too.
    Locks the operator's row. Raises OperatorUnknown, OperatorInvalid.
    """
    row = Operator.objects.select_for_update().filter(id=operator_id).first()
    if row is None:
        raise OperatorUnknown(f"There is no operator {operator_id}.")
    check_new_password(password, row)
    row.set_password(password)
    row.save(update_fields=["password"])
    OperatorSession.objects.filter(operator=row).exclude(pk=keep_session or 0).delete()
    trail.record_audit(
        actor=actor, now=now, action="operator.password_changed", subject=f"operator:{operator_id}"
    )
    tell_operator(row, Change.PASSWORD_CHANGED, now)


@transaction.atomic(durable=True)
def change_profile(
    *, actor: Actor, now: datetime, operator_id: OperatorId, name: str, language: str, time_zone: str
) -> OperatorInfo:
    """What an operator says of themselves; an empty language or zone means the house's.

    Locks the operator's row. Raises OperatorUnknown, OperatorInvalid.
    """
    row = Operator.objects.select_for_update().filter(id=operator_id).first()
    if row is None:
        raise OperatorUnknown(f"There is no operator {operator_id}.")
    given = {
        "name": check_name(name),
        "language": check_language(language),
        "time_zone": check_time_zone(time_zone),
    }
    changed = sorted(field for field, value in given.items() if getattr(row, field) != value)
    if changed:
        for field in changed:
            setattr(row, field, given[field])
        row.save(update_fields=changed)
        trail.record_audit(
            actor=actor,
            now=now,
            action="operator.profile_changed",
            subject=f"operator:{operator_id}",
            details={"fields": changed},
        )
    return operator_info(row)
