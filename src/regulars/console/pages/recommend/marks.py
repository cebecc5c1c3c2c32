"""Marks as a page: which hold, on what, until when, by whom; and finding what to mark."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from regulars.catalogue import facade as catalogue
from regulars.console.pages.people import Named, name_actors, parse_actor
from regulars.console.pages.recommend.wording import MARKS, SUBJECTS, name_shelf
from regulars.recommend import facade as recommend
from regulars.recommend.facade import MarkKind, MarkSubject, MarkView

FOUND_MAX = 6


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A mark in words. `state`: running, ahead, ended."""

    mark: MarkView
    name: str
    subject: str
    kind: str
    detail: str
    state: str
    by: Named


@dataclass(frozen=True, slots=True)
class MarksPage:
    """A page of marks, newest first."""

    rows: tuple[MarkRow, ...]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """Something that can be marked."""

    subject: str
    name: str
    about: str
    href: str


def load_marks(now: datetime, *, with_ended: bool, cursor: str | None, backwards: bool) -> MarksPage:
    """Marks with names for what they are about: five queries at most. Raises BadCursor."""
    at = None if with_ended else now
    page = recommend.list_marks(at=at, cursor=cursor, backwards=backwards, size=30)
    return MarksPage(name_marks(page.items, now), page.next_cursor, page.previous_cursor)


def name_marks(marks: Sequence[MarkView], now: datetime) -> tuple[MarkRow, ...]:
    """Marks in words: a query for each kind of thing, and those for who set them."""
    skus = {mark.value for mark in marks if mark.subject is MarkSubject.PRODUCT}
    codes = {mark.value for mark in marks if mark.subject is MarkSubject.REWARD}
    products = catalogue.find_products(skus)
    rewards = catalogue.find_reward_names(codes) if codes else {}
    actors = {mark.actor: parse_actor(mark.actor) for mark in marks}
    named = name_actors([actor for actor in actors.values() if actor is not None])
    rows = []
    for mark in marks:
        actor = actors[mark.actor]
        rows.append(
            MarkRow(
                mark=mark,
                name=_name_value(mark, products, rewards),
                subject=str(SUBJECTS[mark.subject]),
                kind=str(MARKS[mark.kind][0]),
                detail=_tell_detail(mark),
                state="ahead" if mark.starts_at > now else "ended" if _is_over(mark, now) else "running",
                by=Named(mark.actor) if actor is None else named[actor],
            )
        )
    return tuple(rows)


def _is_over(mark: MarkView, now: datetime) -> bool:
    return mark.ends_at is not None and mark.ends_at <= now


def _name_value(mark: MarkView, products: dict[str, catalogue.ProductInfo], rewards: dict[str, str]) -> str:
    if mark.subject is MarkSubject.PRODUCT:
        return products[mark.value].name if mark.value in products else mark.value
    if mark.subject is MarkSubject.REWARD:
        return rewards.get(mark.value, mark.value)
    return mark.value


def _tell_detail(mark: MarkView) -> str:
    """`place 2, New for you`; empty for bans."""
    parts = []
    if mark.place is not None:
        parts.append(_("place %(place)s") % {"place": mark.place})
    if mark.factor is not None:
        factor = formats.number_format(mark.factor, 0 if mark.factor == int(mark.factor) else 2)
        parts.append(_("times %(factor)s") % {"factor": factor})
    if mark.shelf is not None:
        parts.append(name_shelf(mark.shelf.value))
    return ", ".join(parts)


def list_kinds() -> list[tuple[str, str]]:
    """What can be done, with what it means."""
    return [(kind.value, f"{MARKS[kind][0]}: {MARKS[kind][1]}") for kind in MarkKind]


def find_things(text: str, now: datetime) -> list[Found]:
    """Products, brands, categories and rewards by a part of their names; five queries."""
    found = [
        _found(MarkSubject.PRODUCT, one.sku, one.name, _tell_apart(one))
        for one in catalogue.search_products(text, FOUND_MAX)
    ]
    found += [_found(MarkSubject.BRAND, name, name) for name in catalogue.search_brands(text, FOUND_MAX)]
    found += [
        _found(MarkSubject.CATEGORY, name, name) for name in catalogue.search_categories(text, FOUND_MAX)
    ]
    if text.strip():
        for offer in catalogue.list_offers(now=now, search=text, size=FOUND_MAX).items:
            decided = offer.info.decided
            found.append(
                _found(MarkSubject.REWARD, decided.code, catalogue.say_now(decided).name, decided.category)
            )
    return found


def _tell_apart(product: catalogue.ProductInfo) -> str:
    """Brand or category, and the SKU: several may have one name."""
    return " · ".join(filter(None, (product.brand or (product.categories or ("",))[-1], product.sku)))


def _found(subject: MarkSubject, value: str, name: str, about: str = "") -> Found:
    query = urlencode({"subject": subject.value, "value": value})
    return Found(str(SUBJECTS[subject]), name, about, f"{reverse('console:mark_new')}?{query}")


def name_thing(subject: MarkSubject, value: str) -> str | None:
    """What is to be marked, by its name; None where the shop has no such thing. One query."""
    if subject is MarkSubject.PRODUCT:
        product = catalogue.find_products([value]).get(value)
        return None if product is None else product.name
    if subject is MarkSubject.REWARD:
        return catalogue.find_reward_names([value]).get(value)
    there = catalogue.has_brand if subject is MarkSubject.BRAND else catalogue.has_category
    return value if there(value) else None
