"""What crosses the door of the catalogue: products, rewards, and what one viewer may have of them.

Money is an integer of minor units, points are integers, instants are aware UTC.
"""

from regulars.catalogue.types.codes import (
    CodeImport,
    CodeLine,
    CodeSheet,
    CodeState,
    MaskedCode,
    PoolInfo,
    PoolStock,
    SheetImport,
)
from regulars.catalogue.types.pictures import (
    Picture,
    PictureFile,
    PictureSource,
)
from regulars.catalogue.types.products import (
    ProductInfo,
    ProductInput,
    ProductOutcome,
    SaveStatus,
)
from regulars.catalogue.types.rewards import (
    Offer,
    OfferState,
    Reservation,
    RewardInfo,
    RewardInput,
    RewardKind,
    RewardText,
)
from regulars.catalogue.types.viewing import (
    Availability,
    RewardFacets,
    RewardSort,
    RewardState,
    RewardView,
    TierAccess,
    Viewer,
)

__all__ = [
    "Availability",
    "CodeImport",
    "CodeLine",
    "CodeSheet",
    "CodeState",
    "MaskedCode",
    "Offer",
    "OfferState",
    "Picture",
    "PictureFile",
    "PictureSource",
    "PoolInfo",
    "PoolStock",
    "ProductInfo",
    "ProductInput",
    "ProductOutcome",
    "Reservation",
    "RewardFacets",
    "RewardInfo",
    "RewardInput",
    "RewardKind",
    "RewardSort",
    "RewardState",
    "RewardText",
    "RewardView",
    "SaveStatus",
    "SheetImport",
    "TierAccess",
    "Viewer",
]
