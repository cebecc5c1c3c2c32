"""Who was merged has no wallet of their own any more."""

from collections.abc import Collection

from django.db import connection

from regulars.kit.ids import MemberId
from regulars.ledger.errors import WalletsMerged

_MERGED = "SELECT member_id, into_member FROM ledger_merged WHERE member_id = ANY (%s) LIMIT 1"


def refuse_merged(member_ids: Collection[MemberId]) -> None:
    """Refuse points by hand for a merged member: nobody could spend them. One query.

    Asked while the wallets are locked, so that a merge is either over and seen, or waits and carries
    these points along. Raises WalletsMerged.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MERGED, [list(member_ids)])
        found = cursor.fetchone()
    if found is not None:
        member_id, into = found
        raise WalletsMerged(f"Member {member_id} was merged into {into}: name that one.", member=member_id)
