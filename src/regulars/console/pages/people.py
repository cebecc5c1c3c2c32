"""Who acts: names and links for references such as `operator:3`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.identity import facade as identity
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.ids import MemberId, OperatorId
from regulars.members import facade as members


@dataclass(frozen=True, slots=True)
class Named:
    """A reference as people read it; `href` is empty where there is no page about it."""

    text: str
    href: str = ""


def parse_actor(text: str) -> Actor | None:
    """The actor that `operator:3` or `import` stands for; None where it is nobody's way of writing."""
    kind, _colon, ref = text.strip().partition(":")
    return Actor(ActorKind(kind), ref) if kind in set(ActorKind) else None


def find_operator_actor(text: str) -> Actor | None:
    """The operator of an e-mail address as the one who acts; None where there is none."""
    operator = identity.find_operator(text) if "@" in text else None
    return operator.actor if operator else None


def name_actors(actors: Iterable[Actor]) -> dict[Actor, Named]:
    """Names for those who act: operators by address, members by name. Three queries at most, however many."""
    wanted = set(actors)
    operators = identity.get_operators(
        OperatorId(int(actor.ref))
        for actor in wanted
        if actor.kind is ActorKind.OPERATOR and actor.ref.isdecimal()
    )
    people = members.get_profiles(
        MemberId(int(actor.ref))
        for actor in wanted
        if actor.kind is ActorKind.MEMBER and actor.ref.isdecimal()
    )
    return {actor: _name(actor, operators, people) for actor in wanted}


def _name(
    actor: Actor,
    operators: Mapping[OperatorId, identity.OperatorInfo],
    people: Mapping[MemberId, members.MemberProfile],
) -> Named:
    match actor.kind:
        case ActorKind.OPERATOR if actor.ref.isdecimal() and (
            found := operators.get(OperatorId(int(actor.ref)))
        ):
            return Named(found.name or found.email)
        case ActorKind.MEMBER if actor.ref.isdecimal() and (who := people.get(MemberId(int(actor.ref)))):
            return Named(who.name, reverse("console:member", args=[who.id]))
        case ActorKind.API_KEY:
            return Named(_("API key %(prefix)s") % {"prefix": actor.ref})
        case ActorKind.IMPORT:
            return Named(_("Import %(name)s") % {"name": actor.ref} if actor.ref else _("Import"))
        case ActorKind.SYSTEM:
            return Named(_("Regulars"))
        case _:
            return Named(str(actor))
