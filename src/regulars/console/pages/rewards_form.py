"""Between a reward and its form: what it shows, what it says, and what two operators changed at once."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import Picture, PictureSource, RewardInput, RewardKind, RewardText
from regulars.console.forms_rewards import TEXTS, RewardForm
from regulars.console.pages.rewards_text import to_html, to_typed
from regulars.kit.money import minor_digits, to_minor

NUMBERS = ("stock", "per_member_max", "voucher_valid_days")
COUNTS = ("kept_units", "cancellable_for_hours")
INSTANTS = ("active_from", "active_to", "kept_until")
FLAGS = ("hidden_from_others", "early_access", "instant", "refundable_when_fulfilled")
OF_THE_FORM = {"base", "began", "picture"}


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that both changed: what the other one wrote, and what stands in the form."""

    label: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Two changes put together: the form's new beginning, labels of what was taken over, and the clashes."""

    initial: dict[str, Any]
    taken_over: tuple[str, ...]
    clashes: tuple[Clash, ...]


def begin_reward(language: str) -> dict[str, Any]:
    """What the form shows of a reward that is not there yet."""
    initial = {"language": language, "kind": RewardKind.GOODS.value, "early_access": True, "base": 0}
    return initial | {"began": ""}


def show_reward(info: catalogue.RewardInfo, currency: str) -> dict[str, Any]:
    """What the form shows of a reward, with its version and all of this as `began`."""
    decided = info.decided
    initial: dict[str, Any] = {name: getattr(decided, name) for name in (*NUMBERS, *INSTANTS, *FLAGS)}
    initial |= {name: getattr(decided, name) or None for name in COUNTS}
    initial |= {
        "code": decided.code,
        "language": decided.language,
        "kind": decided.kind.value,
        "category": decided.category,
        "price_points": decided.price_points,
        "price_money": _to_major(decided.price_money or None, currency),
        "cost": _to_major(decided.cost, currency),
        "picture_name": info.picture.name if info.picture.source is not PictureSource.BUILTIN else "",
        "drawing": info.picture.name
        if info.picture.source is PictureSource.BUILTIN and info.picture.name != decided.kind.value
        else "",
        "tiers_allowed": list(decided.tiers_allowed),
        "kept_for_rank": str(decided.kept_for_rank),
        "code_pool": decided.code_pool or "",
    }
    own = RewardText(decided.language, decided.name, decided.description, decided.terms, info.picture.alt)
    for text in (own, *decided.translations):
        initial |= {
            f"name_{text.language}": text.name,
            f"description_{text.language}": to_typed(text.description),
            f"terms_{text.language}": to_typed(text.terms),
            f"alt_{text.language}": text.picture_alt,
        }
    return initial | {"base": info.version, "began": json.dumps(_compare(initial))}


def read_reward(form: RewardForm, known: catalogue.RewardInfo | None) -> RewardInput:
    """The reward that the form says; of a form with mistakes, what can be understood of it.

    What the form does not ask (whether it is published) stays as it is known.
    """
    told = form.cleaned_data
    before = known.decided if known else RewardInput("", "", RewardKind.GOODS, 0, published=False)
    first = told.get("language") or before.language
    texts = {code: _text(told, code) for code, _name in form.languages}
    own = texts[first]
    kind = RewardKind(told.get("kind") or before.kind)
    money, cost = told.get("price_money"), told.get("cost")
    said: dict[str, Any] = {name: told.get(name) for name in NUMBERS}
    said |= {name: told.get(name) or 0 for name in COUNTS}
    said |= {name: _exactly(told.get(name), getattr(before, name)) for name in INSTANTS}
    said |= {name: bool(told.get(name)) for name in FLAGS}
    return replace(
        before,
        **said,
        code=before.code or told.get("code") or propose_code(own.name),
        language=first,
        name=own.name,
        description=own.description,
        terms=own.terms,
        kind=kind,
        category=told.get("category", ""),
        price_points=told.get("price_points") or 0,
        price_money=to_minor(money, form.currency) if money else 0,
        cost=None if cost is None else to_minor(cost, form.currency),
        picture=_picture(told, kind, own.picture_alt),
        tiers_allowed=tuple(told.get("tiers_allowed", ())),
        kept_for_rank=int(told.get("kept_for_rank") or 0),
        code_pool=told.get("code_pool") or None,
        translations=tuple(
            text for code, text in sorted(texts.items()) if code != first and text.says_something
        ),
    )


def merge_changes(form: RewardForm, theirs: Mapping[str, Any]) -> Merged:
    """What the form says, put together with what another operator saved meanwhile (`show_reward` of it).

    What was left as it began follows theirs; what both changed stays as it was typed, and is told.
    """
    mine = {name: value for name, value in form.cleaned_data.items() if name not in OF_THE_FORM}
    began = _read_began(form)
    ours, others = _compare(mine), _compare(theirs)
    initial, taken_over, clashes = dict(mine), [], []
    for name in mine:
        empty = ours.get(name) if name not in began else began[name]
        others_say = others.get(name, "")
        if others_say in (empty, ours[name]):
            continue
        label = str(form.fields[name].label or name)
        if ours[name] == empty:
            initial[name] = theirs.get(name)
            taken_over.append(label)
        else:
            clashes.append(Clash(label, _say(others_say), _say(ours[name])))
    initial |= {"base": theirs["base"], "began": theirs["began"]}
    return Merged(initial, tuple(taken_over), tuple(clashes))


def propose_code(name: str) -> str:
    """A code made from a name: its Latin letters and figures, with dashes between the words."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:58] or "reward"


def _text(told: Mapping[str, Any], language: str) -> RewardText:
    name, description, terms, alt = (told.get(f"{part}_{language}", "") for part in TEXTS)
    return RewardText(language, name.strip(), to_html(description), to_html(terms), alt.strip())


def _picture(told: Mapping[str, Any], kind: RewardKind, alt: str) -> Picture:
    if drawing := told.get("drawing"):
        return Picture(PictureSource.BUILTIN, drawing, alt)
    if name := told.get("picture_name"):
        source = PictureSource.STATIC if "/" in name else PictureSource.MEDIA
        return Picture(source, name, alt)
    return Picture(PictureSource.BUILTIN, kind.value, alt)


def _to_major(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else Decimal(minor).scaleb(-minor_digits(currency))


def _exactly(typed: datetime | None, known: datetime | None) -> datetime | None:
    """The form shows minutes: one that was not touched keeps its seconds."""
    if typed and known and typed == known.replace(second=0, microsecond=0):
        return known
    return typed


def _read_began(form: RewardForm) -> dict[str, str]:
    try:
        began = json.loads(form.cleaned_data.get("began") or "{}")
    except json.JSONDecodeError:
        return {}
    return {str(key): str(value) for key, value in began.items()} if isinstance(began, dict) else {}


def _compare(values: Mapping[str, Any]) -> dict[str, str]:
    """Values in one way of writing, so that what was shown can be held against what was sent."""
    return {name: _write(value) for name, value in values.items() if name not in OF_THE_FORM}


def _write(value: Any) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list | tuple):
        return ", ".join(sorted(value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "✓" if value is True else str(value).replace("\r\n", "\n").strip()


def _say(value: str) -> str:
    return value if len(value) <= 80 else value[:79] + "…"
