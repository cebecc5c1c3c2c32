"""Operators' views of the console's tables: saved under a name, shared with the team, deleted."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from regulars.identity.errors import OperatorUnknown, SavedViewInvalid, SavedViewsFull, SavedViewUnknown
from regulars.identity.models import Operator, SavedView
from regulars.identity.types import SavedViewInfo
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.ids import OperatorId
from regulars.trail import facade as trail

NAME_LENGTH_MAX = 60
QUERY_LENGTH_MAX = 2_000
VIEWS_MAX = 50


def list_views(*, operator_id: OperatorId, table: str) -> list[SavedViewInfo]:
    """An operator's own views of a table by name, then those that active colleagues share. One query."""
    shared = Q(shared=True, operator__is_active=True)
    rows = SavedView.objects.select_related("operator").filter(Q(operator=operator_id) | shared, table=table)
    own_first = sorted(rows, key=lambda row: (row.operator_id != operator_id, row.name.casefold(), row.pk))
    return [_view_info(row) for row in own_first]


def get_view(*, operator_id: OperatorId, number: int) -> SavedViewInfo:
    """One of an operator's own views. One query. Raises SavedViewUnknown."""
    return _view_info(_own_view(operator_id, number))


@transaction.atomic(durable=True)
def save_view(
    *, actor: Actor, now: datetime, table: str, name: str, query: str, shared: bool = False
) -> SavedViewInfo:
    """Keep how an operator looks at a table. A view of theirs with that name is replaced.

    Locks the operator's row. Raises OperatorUnknown, SavedViewInvalid, SavedViewsFull.
    """
    operator = _lock_operator(actor)
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH_MAX or not name.isprintable():
        told = _("Give the view a name of at most %(count)s letters.") % {"count": NAME_LENGTH_MAX}
        raise SavedViewInvalid(told, field="name")
    if len(query) > QUERY_LENGTH_MAX or not query.isprintable():
        raise SavedViewInvalid(_("This view narrows by too much to be kept."), field="query")
    rows = SavedView.objects.filter(operator=operator, table=table)
    if rows.exclude(name=name).count() >= VIEWS_MAX:
        raise SavedViewsFull(_("You keep %(count)s views already; delete one first.") % {"count": VIEWS_MAX})
    row, _created = rows.update_or_create(
        name=name,
        defaults={"query": query, "shared": shared, "saved_at": now},
        create_defaults={
            "operator": operator,
            "table": table,
            "query": query,
            "shared": shared,
            "saved_at": now,
        },
    )
    _record(actor, now, "view.saved", row)
    return _view_info(row)


@transaction.atomic(durable=True)
def share_view(*, actor: Actor, now: datetime, number: int, shared: bool) -> SavedViewInfo:
    """Show one's view to the team, or to oneself again.

    Locks the operator's row. Raises OperatorUnknown, SavedViewUnknown.
    """
    row = _own_view(OperatorId(_lock_operator(actor).pk), number)
    if row.shared != shared:
        row.shared = shared
        row.save(update_fields=["shared"])
        _record(actor, now, "view.shared" if shared else "view.unshared", row)
    return _view_info(row)


@transaction.atomic(durable=True)
def delete_view(*, actor: Actor, now: datetime, number: int) -> SavedViewInfo:
    """Delete one's view, for the team as well where it was shared; answer what it was.

    Locks the operator's row. Raises OperatorUnknown, SavedViewUnknown.
    """
    row = _own_view(OperatorId(_lock_operator(actor).pk), number)
    was = _view_info(row)
    _record(actor, now, "view.deleted", row)
    row.delete()
    return was


def _lock_operator(actor: Actor) -> Operator:
    """Who saves: one after the other, so that what they may keep is counted right."""
    known = actor.kind is ActorKind.OPERATOR and actor.ref.isdecimal()
    row = Operator.objects.select_for_update().filter(id=int(actor.ref)).first() if known else None
    if row is None:
        raise OperatorUnknown(_("Only operators keep views."))
    return row


def _own_view(operator_id: OperatorId, number: int) -> SavedView:
    row = SavedView.objects.select_related("operator").filter(operator=operator_id, id=number).first()
    if row is None:
        raise SavedViewUnknown(_("This view is not yours, or not there any more."))
    return row


def _record(actor: Actor, now: datetime, action: str, row: SavedView) -> None:
    trail.record_audit(
        actor=actor,
        now=now,
        action=action,
        subject=f"view:{row.pk}",
        details={"table": row.table, "name": row.name, "query": row.query, "shared": row.shared},
    )


def _view_info(row: SavedView) -> SavedViewInfo:
    return SavedViewInfo(
        number=row.pk,
        table=row.table,
        name=row.name,
        query=row.query,
        shared=row.shared,
        owner_id=OperatorId(row.operator_id),
        owner_name=row.operator.name or row.operator.email,
    )
