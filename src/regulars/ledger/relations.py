"""What may be asked of the ledger: balances, what was earned, spent and lapsed, and what will lapse."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from regulars.kit.relations import Column, Declaration, Relation, Trait, Unit, ValueKind, Watch
from regulars.ledger.types import Currency

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

JOURNAL = "ledger.journal"
_POINTS = Currency.POINTS.value
_WALLET = f"(SELECT * FROM ledger_wallet WHERE currency = '{_POINTS}') wallet"  # noqa: S608 (a constant)
_AMOUNT = (Column("points", ValueKind.NUMBER, "j.amount", _("points"), unit=Unit.POINTS),)
_RULE = Column("rule", ValueKind.TEXT, "j.rule", _("rule"))


def _entries(name: str, label: "_StrOrPromise", *kinds: str, ruled: bool = False) -> Relation:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return Relation(
        name,
        label,
        "ledger_journal j",
        "j.member_id",
        "j.occurred_at",
        (*_AMOUNT, *((_RULE,) if ruled else ())),
        where=f"j.currency = '{_POINTS}' AND j.kind IN ({listed})",
        watches=(JOURNAL,),
    )


def _balance(name: str, label: "_StrOrPromise", column: str) -> Trait:
    return Trait(
        f"points.{name}",
        label,
        ValueKind.NUMBER,
        f"wallet.{column}::bigint",
        _WALLET,
        "wallet.member_id",
        Unit.POINTS,
        watches=(JOURNAL,),
        absent="0",
    )


RELATIONS = Declaration(
    relations=(
        _entries("points_earned", _("times points were earned"), "earn", ruled=True),
        _entries("points_spent", _("times points were spent"), "spend", "capture"),
        _entries("points_expired", _("times points lapsed"), "expire"),
        Relation(
            "points_expiring",
            _("lots of points that will lapse"),
            "ledger_open_lot lot",
            "lot.member_id",
            "lot.expires_at",
            (Column("points", ValueKind.NUMBER, "lot.remaining", _("points"), unit=Unit.POINTS),),
            where=f"lot.currency = '{_POINTS}' AND lot.expires_at < 'infinity'",
            watches=(JOURNAL,),
            ahead=True,
        ),
    ),
    traits=(
        _balance("balance", _("points balance"), "balance"),
        _balance("pending", _("pending points"), "pending"),
        Trait(
            "points.usual_award",
            _("points that a purchase usually gives"),
            ValueKind.NUMBER,
            # Several rules may give points for one order: what they gave together is what the purchase gave.
            "(sum(j.amount) / count(DISTINCT j.source))::bigint",
            "ledger_journal j",
            "j.member_id",
            Unit.POINTS,
            watches=(JOURNAL,),
            gathers=True,
            where=f"j.currency = '{_POINTS}' AND j.kind = 'earn' AND j.source LIKE 'order:%%'",
        ),
    ),
    watches=(
        Watch(
            JOURNAL,
            "SELECT member_id, currency || '/' || seq FROM ledger_journal WHERE recorded_at > %(after)s",
        ),
    ),
)
