"""Pure decisions of the catalogue: what may be saved, offered, had and guessed."""

from regulars.catalogue.policies.codes import (
    Alphabet,
    check_pattern,
    count_blanks_needed,
    make_code,
    mask_code,
    read_sheet,
)
from regulars.catalogue.policies.judging import (
    check_taking,
    count_units_for,
    is_visible,
    judge,
    opens_at_for,
    takes_kept_unit,
)
from regulars.catalogue.policies.offers import check_unmoved, find_offer_state, say_in, say_now
from regulars.catalogue.policies.saving import CODE, check_reward, find_product_fault, is_storable
from regulars.catalogue.policies.texts import sanitise, settle_reward, strip_tags

__all__ = [
    "CODE",
    "Alphabet",
    "check_pattern",
    "check_reward",
    "check_taking",
    "check_unmoved",
    "count_blanks_needed",
    "count_units_for",
    "find_offer_state",
    "find_product_fault",
    "is_storable",
    "is_visible",
    "judge",
    "make_code",
    "mask_code",
    "opens_at_for",
    "read_sheet",
    "sanitise",
    "say_in",
    "say_now",
    "settle_reward",
    "strip_tags",
    "takes_kept_unit",
]
