"""The door of the catalogue.

Products
    save_products(*, actor: Actor, now: datetime, batch: Sequence[ProductInput]) -> list[ProductOutcome]
    find_products(skus: Iterable[str]) -> dict[str, ProductInfo]
    count_products() -> int

Rewards
    save_reward(*, actor: Actor, now: datetime, reward: RewardInput) -> RewardInfo
    get_reward(code: str) -> RewardInfo
    view_reward(code: str, viewer: Viewer) -> RewardView
    list_rewards(*, viewer: Viewer, search="", kind=None, category=None, affordable=False,
                 sort=RewardSort.PRICE_LOW, cursor=None, size=None) -> Page[RewardView]
    list_reward_categories(viewer: Viewer) -> list[str]
    save_picture(*, actor, now, content: bytes, alt: str) -> Picture
    read_picture(name: str) -> PictureFile

Codes
    save_pool(*, actor, now, code: str, name: str) -> None
    import_codes(*, actor, now, pool: str, codes: Iterable[str]) -> CodeImport
    list_pools() -> list[PoolInfo]

Steps inside a caller's transaction (used by redemption only)
    reserve_unit(*, reward_id: RewardId, viewer: Viewer) -> Reservation
    release_unit(reservation: Reservation) -> None
    take_code(*, pool_id: int, now: datetime) -> int
    reveal_code(*, actor, now, code_id: int) -> str
    give_back_code(*, actor, now, code_id: int, reason: str) -> None
    read_codes(code_ids: Iterable[int]) -> dict[int, str]      revealed ones only
"""

from regulars.catalogue.errors import (
    LimitReached,
    NotOpenYet,
    PictureNotFound,
    PictureRefused,
    PoolNotFound,
    RewardEnded,
    RewardInvalid,
    RewardNotFound,
    RewardUnavailable,
    SoldOut,
    StockBelowTaken,
    TierNeeded,
)
from regulars.catalogue.types import (
    Availability,
    CodeImport,
    Picture,
    PictureFile,
    PictureSource,
    PoolInfo,
    ProductInfo,
    ProductInput,
    ProductOutcome,
    Reservation,
    RewardInfo,
    RewardInput,
    RewardKind,
    RewardSort,
    RewardState,
    RewardView,
    SaveStatus,
    TierAccess,
    Viewer,
)

__all__ = [
    "Availability",
    "CodeImport",
    "LimitReached",
    "NotOpenYet",
    "Picture",
    "PictureFile",
    "PictureNotFound",
    "PictureRefused",
    "PictureSource",
    "PoolInfo",
    "PoolNotFound",
    "ProductInfo",
    "ProductInput",
    "ProductOutcome",
    "Reservation",
    "RewardEnded",
    "RewardInfo",
    "RewardInput",
    "RewardInvalid",
    "RewardKind",
    "RewardNotFound",
    "RewardSort",
    "RewardState",
    "RewardUnavailable",
    "RewardView",
    "SaveStatus",
    "SoldOut",
    "StockBelowTaken",
    "TierAccess",
    "TierNeeded",
    "Viewer",
]
