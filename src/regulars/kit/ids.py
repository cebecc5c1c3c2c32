"""One type per kind of id, so that a type checker refuses a member where a reward belongs."""

from typing import NewType

MemberId = NewType("MemberId", int)
OperatorId = NewType("OperatorId", int)
ApiKeyId = NewType("ApiKeyId", int)
OrderId = NewType("OrderId", int)
ReturnId = NewType("ReturnId", int)
EventId = NewType("EventId", int)
AwardId = NewType("AwardId", int)
ProductId = NewType("ProductId", int)
RewardId = NewType("RewardId", int)
RedemptionId = NewType("RedemptionId", int)
ProgrammeVersion = NewType("ProgrammeVersion", int)
LotId = NewType("LotId", int)
"""The number, within its wallet, of the journal entry that opened the lot."""
JournalSeq = NewType("JournalSeq", int)
"""The number of a journal entry within its wallet: 1, 2, 3, … without a gap."""
