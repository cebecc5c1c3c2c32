"""Pure decisions: what a reward is to operators now, what it says in a language, how its price divides."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import get_language

from regulars.catalogue.errors import RewardMoved
from regulars.catalogue.types import OfferState, RewardInfo, RewardInput, RewardText


def find_offer_state(info: RewardInfo, now: datetime, *, has_codes: bool) -> OfferState:
    """What the reward is at `now`. The first that holds: archived, draft, ended, scheduled, sold out, live.

    `has_codes` says whether its pool, where it has one, has a free code.
    """
    decided = info.decided
    if decided.archived:
        state = OfferState.ARCHIVED
    elif not decided.published:
        state = OfferState.DRAFT
    elif decided.active_to is not None and now >= decided.active_to:
        state = OfferState.ENDED
    elif decided.active_from is not None and now < decided.active_from:
        state = OfferState.SCHEDULED
    elif not has_codes or (decided.stock is not None and decided.stock <= info.taken):
        state = OfferState.SOLD_OUT
    else:
        state = OfferState.LIVE
    return state


def say_in(reward: RewardInput, language: str) -> RewardText:
    """What the reward says in a language, each part in its own where there is no translation.

    `zh-hans-cn` falls back on `zh-hans`, then on `zh`.
    """
    own = RewardText(
        reward.language,
        reward.name,
        reward.description,
        reward.terms,
        reward.picture.alt if reward.picture else "",
    )
    known = {text.language: text for text in reward.translations}
    while language:
        if language == reward.language:
            return own
        if language in known:
            said = known[language]
            return replace(
                said,
                name=said.name or own.name,
                description=said.description or own.description,
                terms=said.terms or own.terms,
                picture_alt=said.picture_alt or own.picture_alt,
            )
        language = language.rpartition("-")[0]
    return own


def say_now(reward: RewardInput) -> RewardText:
    """What the reward says in the language that is spoken."""
    return say_in(reward, get_language() or "")


def check_unmoved(info: RewardInfo, base: int | None) -> None:
    """Raise RewardMoved where the reward is no longer at the version that a change was begun from."""
    if base is not None and info.version != base:
        raise RewardMoved(
            f"Somebody changed the reward meanwhile: it is at version {info.version}, not {base}.",
            version=info.version,
        )
