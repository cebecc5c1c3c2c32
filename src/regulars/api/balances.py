"""A member's balance: what the quick lane and the full stack both answer."""

from regulars.api.refs import is_known, resolve_member, unknown
from regulars.api.schemas.points import BalanceOut
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger


def read_balance(member: str) -> BalanceOut:
    """One query by our id, two by theirs. Raises MemberUnknown."""
    now = utc_now()
    member_id = resolve_member(member)
    balance = ledger.get_balance(member_id, now)
    if balance == ledger.Balance() and not is_known(member, member_id):
        # Only where there is nothing to tell is it worth asking whether there is a member at all.
        raise unknown(member)
    return BalanceOut(
        member_id=member_id,
        active=balance.active,
        pending=balance.pending,
        held=balance.held,
        debt=balance.debt,
        as_of=now,
    )
