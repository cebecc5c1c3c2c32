"""The page on which a reward is written: its form, how members would see it, and whom a change touches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from regulars.catalogue import facade as catalogue
from regulars.console.desk import Desk
from regulars.console.forms_rewards import RewardForm, list_form_languages
from regulars.console.pages.rewards_form import Merged, begin_reward, read_reward, show_reward
from regulars.console.pages.rewards_list import STATE_LOOKS, STATE_NAMES
from regulars.design.facade import format_points
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption

SHORT = "short"


@dataclass(frozen=True, slots=True)
class DraftPage:
    """What the store's page about a reward is handed, for one that is not saved."""

    reward: catalogue.RewardView
    kind_name: str
    points_after: int
    facts: tuple[catalogue.RewardFact, ...]
    goal: bool = False
    wishable: bool = False

    @property
    def description_html(self) -> SafeString:
        """What it is."""
        return mark_safe(self.reward.description)  # noqa: S308  (sanitised by the catalogue)

    @property
    def terms_html(self) -> SafeString:
        """Under which terms."""
        return mark_safe(self.reward.terms)  # noqa: S308  (sanitised by the catalogue)


@dataclass(frozen=True, slots=True)
class Preview:
    """A reward as a member sees it: in `language`, looked at as `seen_as`. `shell` is what the store adds.

    `reach`: how many members have the points for it now.
    """

    page: DraftPage
    shell: dict[str, Any]
    language: str
    seen_as: str
    languages: tuple[tuple[str, str], ...]
    viewers: tuple[tuple[str, str | Promise], ...]
    reach: int


@dataclass(frozen=True, slots=True)
class EditorPage:
    """All of the page. `offer` is None for a reward that is not there yet."""

    form: RewardForm
    offer: catalogue.Offer | None
    attached: redemption.Attachment | None
    preview: Preview
    pools: tuple[catalogue.PoolStock, ...]
    categories: tuple[str, ...]
    picture: catalogue.Picture
    merged: Merged | None = None
    refusal: str = ""

    @property
    def unsaved(self) -> bool:
        """Whether the form holds what is not saved."""
        return self.form.is_bound or self.merged is not None

    @property
    def state_name(self) -> str:
        """What the reward is now."""
        return str(STATE_NAMES[self.offer.state]) if self.offer else _("New")

    @property
    def state_look(self) -> str:
        """How the badge of its state looks."""
        return STATE_LOOKS[self.offer.state] if self.offer else "secondary"

    @property
    def pool(self) -> catalogue.PoolStock | None:
        """The pool that is chosen."""
        chosen = self.form["code_pool"].value()
        return next((pool for pool in self.pools if pool.code == chosen), None)

    @property
    def touches(self) -> list[str]:
        """Whom a change touches, in sentences."""
        return tell_attached(self.attached) if self.attached else []


def make_form(
    desk: Desk,
    known: catalogue.RewardInfo | None,
    pools: Sequence[catalogue.PoolStock],
    *args: Any,
    initial: dict[str, Any] | None = None,
    language: str = "en",
) -> RewardForm:
    """The form of a reward, or of a new one; with data where there is any."""
    currency = desk.programme.currency if desk.programme else ""
    decided = known.decided if known else None
    return RewardForm(
        *args,
        initial=initial or (show_reward(known, currency) if known else begin_reward(language)),
        programme=desk.programme,
        pools=pools,
        languages=list_form_languages(decided),
        tiers_known=decided.tiers_allowed if decided else (),
    )


def read_editor(
    desk: Desk,
    form: RewardForm,
    offer: catalogue.Offer | None,
    pools: Sequence[catalogue.PoolStock],
    *,
    merged: Merged | None = None,
    refusal: str = "",
    language: str = "",
    seen_as: str = "",
) -> EditorPage:
    """The page around a form."""
    known = offer.info if offer else None
    reward = _read_form(form, known)
    return EditorPage(
        form=form,
        offer=offer,
        attached=redemption.count_attached(known.id, desk.now) if known else None,
        preview=read_preview(desk, reward, offer, language=language, seen_as=seen_as),
        pools=tuple(pools),
        categories=tuple(catalogue.list_categories()),
        picture=reward.picture or catalogue.Picture(catalogue.PictureSource.BUILTIN, reward.kind.value),
        merged=merged,
        refusal=refusal,
    )


def read_preview(
    desk: Desk,
    reward: catalogue.RewardInput,
    offer: catalogue.Offer | None,
    *,
    language: str = "",
    seen_as: str = "",
) -> Preview:
    """How a member would see the reward, were it published. Two queries, for the reach."""
    languages = tuple(list_form_languages(reward))
    language = language if language in dict(languages) else reward.language
    tiers = desk.programme.tiers.tiers if desk.programme else ()
    viewers = (
        ("", _("A member with enough points")),
        (SHORT, _("A member with half the points")),
        *((tier.code, tier.name) for tier in tiers),
    )
    viewer = catalogue.Viewer(
        now=desk.now,
        points=reward.price_points // 2
        if seen_as == SHORT
        else reward.price_points + reward.price_points // 4,
        tiers=tuple(
            catalogue.TierAccess(tier.code, tier.name, tier.rank, tier.early_access_hours) for tier in tiers
        ),
    )
    for tier in tiers:
        if tier.code == seen_as:
            viewer = replace(
                viewer, tier=tier.code, tier_rank=tier.rank, early_access_hours=tier.early_access_hours
            )
    info = offer.info if offer else None
    with override(language):
        view = catalogue.show_draft(
            reward,
            viewer,
            taken=info.taken if info else 0,
            kept_taken=info.kept_taken if info else 0,
            has_codes=not offer or offer.codes_free != 0,
        )
        # An address needs a code, and a card a name, also before there is any.
        view = replace(view, code=view.code or "reward", name=view.name or "…")
        page = DraftPage(
            reward=view,
            kind_name=catalogue.name_kind(view.kind),
            points_after=viewer.points - view.price_points,
            facts=catalogue.list_facts(view, desk.now),
        )
        word = desk.programme.points_name.of(viewer.points) if desk.programme else _("points")
    shell = {
        "member": True,
        "points": viewer.points,
        "points_word": word,
        "currency": desk.programme.currency if desk.programme else "",
        "demo": False,
    }
    price = max(reward.price_points, 1)
    reach = ledger.count_reach([price], desk.now).members[price]
    return Preview(page, shell, language, seen_as, languages, viewers, reach)


def tell_attached(attached: redemption.Attachment) -> list[str]:
    """Whom a change touches."""
    told = []
    if attached.holders:
        text = ngettext(
            "%(count)s member holds this reward.", "%(count)s members hold this reward.", attached.holders
        )
        told.append(text % {"count": format_points(attached.holders)})
    if attached.goals:
        text = ngettext(
            "%(count)s member has it as their goal.",
            "%(count)s members have it as their goal.",
            attached.goals,
        )
        told.append(text % {"count": format_points(attached.goals)})
    return told


def _read_form(form: RewardForm, known: catalogue.RewardInfo | None) -> catalogue.RewardInput:
    """What the form says, whether it was sent or is only shown."""
    if form.is_bound:
        form.is_valid()
    else:
        form.cleaned_data = dict(form.initial)
    return read_reward(form, known)
