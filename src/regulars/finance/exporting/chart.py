"""The chart of accounts. The names are the journal's; the codes are ours, for the shop to map.

A journal entry carries its debit and its credit as an accountant means them: points that members get are
owed to them (credit `active`) and cost the programme something (debit `issued`).
"""

from collections.abc import Mapping

from regulars.finance.types import LedgerAccount
from regulars.ledger.facade import Account

CHART: tuple[LedgerAccount, ...] = (
    LedgerAccount("1310", Account.DEBT, "Points owed by members", "asset"),
    LedgerAccount("2310", Account.ACTIVE, "Points that can be spent", "liability"),
    LedgerAccount("2320", Account.PENDING, "Points not yet released", "liability"),
    LedgerAccount("2330", Account.HELD, "Points set aside", "liability"),
    LedgerAccount("2390", Account.TRANSFERRED, "Points between members, clearing", "liability"),
    LedgerAccount("4310", Account.SPENT, "Points redeemed, net of what was given back", "income"),
    LedgerAccount("4320", Account.EXPIRED, "Points lapsed (breakage)", "income"),
    LedgerAccount("5310", Account.ISSUED, "Points issued", "expense"),
    LedgerAccount("5320", Account.REVERSED, "Points taken back with returns", "expense, reducing"),
    LedgerAccount("5330", Account.WAIVED, "Points that returns could not take back", "expense"),
    LedgerAccount("5340", Account.ADJUSTED, "Corrections by hand", "expense"),
)
BY_NAME: Mapping[str, LedgerAccount] = {account.name: account for account in CHART}
