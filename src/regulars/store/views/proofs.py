"""The statement that a member can check without the shop."""

from django.http import HttpResponseBase, StreamingHttpResponse

from regulars.ledger import facade as ledger
from regulars.store.visits import MemberVisit, StoreRequest, for_members


@for_members
def proof(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:  # noqa: ARG001 (handed over)
    """Every entry of all wallets, with the way to the signed root, as JSON; streamed, however long it is."""
    name = f"statement-{visit.member_id}-{visit.now:%Y-%m-%d}.json"
    return StreamingHttpResponse(
        ledger.write_statement(visit.member_id, visit.now),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
