"""The door of the catalogue.

`save_products`, `save_reward`, `save_picture`, `save_pool` and `import_codes` are one durable transaction
each. `reserve_unit`, `release_unit`, `claim_code`, `reveal_code` and `give_back_code`
are steps of a redemption and refuse to run outside its transaction.
"""

from regulars.catalogue.errors import (
    CodesInvalid,
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
from regulars.catalogue.operations.codes import (
    claim_code,
    give_back_code,
    import_codes,
    reveal_code,
    save_pool,
)
from regulars.catalogue.operations.pictures import save_picture
from regulars.catalogue.operations.products import save_products
from regulars.catalogue.operations.rewards import save_reward
from regulars.catalogue.operations.stock import release_unit, reserve_unit
from regulars.catalogue.policies import opens_at_for
from regulars.catalogue.queries.codes import list_pools, read_codes
from regulars.catalogue.queries.facets import find_facets
from regulars.catalogue.queries.naming import find_code_ids
from regulars.catalogue.queries.pictures import read_picture
from regulars.catalogue.queries.products import count_products, find_products, find_traits
from regulars.catalogue.queries.rewards import (
    find_rewards,
    get_reward,
    list_reward_categories,
    list_rewards,
    view_reward,
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
    RewardFacets,
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
    "CodesInvalid",
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
    "RewardFacets",
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
    "claim_code",
    "count_products",
    "find_code_ids",
    "find_facets",
    "find_products",
    "find_rewards",
    "find_traits",
    "get_reward",
    "give_back_code",
    "import_codes",
    "list_pools",
    "list_reward_categories",
    "list_rewards",
    "opens_at_for",
    "read_codes",
    "read_picture",
    "release_unit",
    "reserve_unit",
    "reveal_code",
    "save_picture",
    "save_pool",
    "save_products",
    "save_reward",
    "view_reward",
]
