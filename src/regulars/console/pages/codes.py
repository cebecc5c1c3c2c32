"""What the page about a pool of codes shows."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import CodeState

PAGE_SIZE = 50
STATE_NAMES: dict[CodeState, Promise] = {
    CodeState.FREE: _("Free"),
    CodeState.CLAIMED: _("Set aside"),
    CodeState.REVEALED: _("Given out"),
    CodeState.VOID: _("Void"),
}


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code, masked."""

    code: catalogue.MaskedCode
    state_name: Promise


@dataclass(frozen=True, slots=True)
class CodesPage:
    """Codes of a pool, and the rewards that draw from it."""

    state: CodeState | None
    rows: tuple[CodeRow, ...]
    more: str
    users: tuple[tuple[str, str], ...]


def read_codes_page(pool: catalogue.PoolInfo, state: CodeState | None, cursor: str | None) -> CodesPage:
    """One page of a pool's codes; two queries. Raises BadCursor."""
    found = catalogue.list_codes(pool.code, state=state, cursor=cursor, size=PAGE_SIZE)
    address = reverse("console:pool", args=[pool.code])
    more = f"{address}?state={state or ''}&cursor={found.next_cursor}" if found.next_cursor else ""
    return CodesPage(
        state=state,
        rows=tuple(CodeRow(code, STATE_NAMES[code.state]) for code in found.items),
        more=more,
        users=tuple(catalogue.list_pool_users(pool.code)),
    )
