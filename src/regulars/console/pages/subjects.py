"""What an entry of the audit trail is about: names and links for references such as `reward:mug`."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.catalogue import facade as catalogue
from regulars.console.pages.people import Named
from regulars.identity import facade as identity
from regulars.kit.ids import MemberId, OperatorId
from regulars.members import facade as members
from regulars.segments import facade as segments

Names = Mapping[str, Named]

# There is one of each.
PLACES: Mapping[str, tuple[Promise, str]] = {
    "analytics:learning": (gettext_lazy("What may be learnt of members"), "console:lifestyles"),
    "finance:cost": (gettext_lazy("Cost of a point"), "console:point_cost"),
    "products": (gettext_lazy("Products"), ""),
    "programme:draft": (gettext_lazy("Draft of the programme"), "console:programme_draft"),
    "recommend": (gettext_lazy("Recommendations"), "console:recommendations"),
    "registration": (gettext_lazy("Registration in the store"), "console:brand"),
    "team": (gettext_lazy("Team"), "console:team"),
    "widget": (gettext_lazy("Widget"), "console:widget"),
}
# Of these the reference says as much as anybody knows of it.
KINDS: Mapping[str, Promise] = {
    "adjustment": gettext_lazy("Adjustment of many"),
    "brand": gettext_lazy("Brand, version %(ref)s"),
    "checkpoint": gettext_lazy("Checkpoint %(ref)s"),
    "code": gettext_lazy("A code"),
    "code_pool": gettext_lazy("Codes: %(ref)s"),
    "invitation": gettext_lazy("Invitation %(ref)s"),
    "key": gettext_lazy("Key that signs the ledger"),
    "lifestyle": gettext_lazy("Lifestyle"),
    "picture": gettext_lazy("A picture"),
    "reward": gettext_lazy("Reward: %(ref)s"),
    "segment": gettext_lazy("Segment: %(ref)s"),
    "table": gettext_lazy("Table: %(ref)s"),
    "view": gettext_lazy("Saved view"),
    "widget_key": gettext_lazy("Widget key"),
}
NUMBER_DIGITS_MAX = 18


def name_subjects(subjects: Iterable[str]) -> dict[str, Named]:
    """Names and links for what entries are about. One query for each kind that occurs, however many.

    What a code says is never told: of which pool it is stands for it.
    """
    refs: dict[str, list[str]] = {}
    for subject in subjects:
        kind, _colon, ref = subject.partition(":")
        refs.setdefault(kind, []).append(ref)
    found = {kind: find(refs[kind]) for kind, find in FINDERS.items() if kind in refs}
    return {
        f"{kind}:{ref}" if ref else kind: found.get(kind, {}).get(ref) or _plainly(kind, ref)
        for kind, of_kind in refs.items()
        for ref in of_kind
    }


def _plainly(kind: str, ref: str) -> Named:
    """Without asking anybody."""
    subject = f"{kind}:{ref}" if ref else kind
    if place := PLACES.get(subject):
        label, view = place
        return Named(str(label), reverse(view) if view else "")
    if words := KINDS.get(kind):
        return Named(str(words) % {"ref": ref})
    return Named(subject.replace("_", " ").replace(":", " "))


def _numbers(refs: Iterable[str]) -> list[int]:
    return [int(ref) for ref in set(refs) if ref.isdecimal() and len(ref) <= NUMBER_DIGITS_MAX]


def _find_members(refs: Sequence[str]) -> Names:
    people = members.get_profiles(MemberId(number) for number in _numbers(refs))
    return {str(who.id): Named(who.name, reverse("console:member", args=[who.id])) for who in people.values()}


def _find_operators(refs: Sequence[str]) -> Names:
    found = identity.get_operators(OperatorId(number) for number in _numbers(refs))
    return {str(one.id): Named(one.name or one.email) for one in found.values()}


def _find_versions(refs: Sequence[str]) -> Names:
    return {
        str(number): Named(
            _("Programme, version %(number)s") % {"number": number}, reverse("console:version", args=[number])
        )
        for number in _numbers(refs)
    }


def _find_codes(refs: Sequence[str]) -> Names:
    return {
        str(code_id): Named(_("A code of “%(pool)s”") % {"pool": name}, reverse("console:pool", args=[pool]))
        for code_id, (pool, name) in catalogue.find_pools_of_codes(_numbers(refs)).items()
    }


def _find_pools(refs: Sequence[str]) -> Names:
    return {
        pool.code: Named(_("Codes: %(ref)s") % {"ref": pool.name}, reverse("console:pool", args=[pool.code]))
        for pool in catalogue.list_pool_stocks(refs)
    }


def _find_rewards(refs: Sequence[str]) -> Names:
    return {
        code: Named(name, reverse("console:reward", args=[code]))
        for code, name in catalogue.find_reward_names(refs).items()
    }


def _find_api_keys(refs: Sequence[str]) -> Names:
    return {
        str(key.id): Named(_("API key %(prefix)s") % {"prefix": key.label or key.prefix})
        for key in identity.list_api_keys()
        if str(key.id) in refs
    }


def _find_segments(refs: Sequence[str]) -> Names:
    return {
        one.code: Named(str(one.name), reverse("console:segment", args=[one.code]))
        for one in segments.list_segments(with_archived=True)
        if one.code in refs
    }


FINDERS: Mapping[str, Callable[[Sequence[str]], Names]] = {
    "api_key": _find_api_keys,
    "code": _find_codes,
    "code_pool": _find_pools,
    "member": _find_members,
    "operator": _find_operators,
    "programme": _find_versions,
    "reward": _find_rewards,
    "segment": _find_segments,
}
