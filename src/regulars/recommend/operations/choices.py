"""What a member decides: whether it is personal, what they do not want to see, what nothing follows from."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from regulars.catalogue.facade import find_products
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.ids import MemberId
from regulars.members.facade import check_is_self
from regulars.recommend.errors import ProductUnknown, ShownNotFound
from regulars.recommend.models import Candidates, Choice, Dismissal, Feedback, Shown, Taste
from regulars.recommend.operations.locking import hold_forgetting
from regulars.recommend.queries.loading import Person, get_person
from regulars.recommend.types import REWARDS_SHELF, DismissalKind, FeedbackKind
from regulars.trail.facade import record_audit

NUMBER_MAX = 2**63 - 1
INTERESTS_QUESTION = "interests"


@transaction.atomic(durable=True)
def set_personal(*, actor: Actor, member_id: MemberId, personal: bool, now: datetime) -> None:
    """Have recommendations made of what the member does, or only of what is popular.

    Switched off, what was learnt of them goes at once; switched on, they are learnt of with the next day.
    Locks forgetting, shared, where it goes; the last word counts. Raises MemberUnknown, MemberErased,
    NotThem.
    """
    found = _check(actor, member_id)
    person = found.member_id
    Choice.objects.update_or_create(member_id=person, defaults={"personal": personal, "changed_at": now})
    if not personal:
        _unlearn(found.member_ids)
    if actor.kind is not ActorKind.MEMBER:
        action = "recommend.made_personal" if personal else "recommend.made_impersonal"
        record_audit(actor=actor, now=now, action=action, subject=f"member:{person}")


@transaction.atomic(durable=True)
def dismiss_product(*, actor: Actor, member_id: MemberId, sku: str, now: datetime) -> None:
    """“Not for me”: the product is on no shelf of the member any more. Said again, nothing changes.

    Raises ProductUnknown, MemberUnknown, MemberErased, NotThem.
    """
    _dismiss(actor, member_id, sku, DismissalKind.SHOW, now)


@transaction.atomic(durable=True)
def restore_product(*, actor: Actor, member_id: MemberId, sku: str) -> None:
    """Take `dismiss_product` back. Raises MemberUnknown, MemberErased, NotThem."""
    _restore(actor, member_id, sku, DismissalKind.SHOW)


@transaction.atomic(durable=True)
def restore_reward(*, actor: Actor, member_id: MemberId, code: str) -> None:
    """Have a reward suggested again that was dismissed where it was. Raises as `restore_product`."""
    _restore(actor, member_id, code, DismissalKind.REWARD)


@transaction.atomic(durable=True)
def forget_purchase(*, actor: Actor, member_id: MemberId, sku: str, now: datetime) -> None:
    """Conclude nothing from the member's purchases of a product, from now on and at the next learning.

    Raises ProductUnknown, MemberUnknown, MemberErased, NotThem.
    """
    _dismiss(actor, member_id, sku, DismissalKind.LEARN, now)


@transaction.atomic(durable=True)
def remember_purchase(*, actor: Actor, member_id: MemberId, sku: str) -> None:
    """Take `forget_purchase` back. Raises MemberUnknown, MemberErased, NotThem."""
    _restore(actor, member_id, sku, DismissalKind.LEARN)


@transaction.atomic(durable=True)
def decline_interests(*, actor: Actor, member_id: MemberId, now: datetime) -> None:
    """The member would rather not say what they like: it is asked no more. Said again, nothing changes.

    Raises MemberUnknown, MemberErased, NotThem.
    """
    person = _check(actor, member_id)
    _write(person.member_id, INTERESTS_QUESTION, DismissalKind.QUESTION, now)


@transaction.atomic(durable=True)
def note_feedback(
    *,
    actor: Actor,
    member_id: MemberId,
    shown_id: int,
    skus: Sequence[str],
    kind: FeedbackKind,
    now: datetime,
) -> int:
    """What became of items that were shown; how many of the words are news. `dismissed` dismisses them, too.

    Idempotent: the first word on an item counts, and its time. Locks nothing. Raises ShownNotFound where one
    of them was not shown so, MemberUnknown, MemberErased, NotThem.
    """
    person = _check(actor, member_id)
    shown = None
    if 0 < shown_id <= NUMBER_MAX:
        shown = Shown.objects.filter(pk=shown_id, member_id__in=person.member_ids).first()
    strange = set(skus) if shown is None else set(skus) - set(shown.skus)
    if shown is None or strange:
        raise ShownNotFound("This was not shown to the member.", shown_id=shown_id, skus=sorted(strange))
    rows = Feedback.objects.filter(member_id=shown.member_id, shown_id=shown_id, kind=kind.value)
    known = set(rows.values_list("sku", flat=True))
    news = [sku for sku in dict.fromkeys(skus) if sku not in known]
    Feedback.objects.bulk_create(
        [
            Feedback(member_id=shown.member_id, shown_id=shown_id, kind=kind.value, sku=sku, noted_at=now)
            for sku in news
        ],
        ignore_conflicts=True,
    )
    if kind is FeedbackKind.DISMISSED:
        said = DismissalKind.REWARD if shown.shelf == REWARDS_SHELF else DismissalKind.SHOW
        for sku in news:
            _write(person.member_id, sku, said, now)
    return len(news)


def forget_member(member_id: MemberId) -> None:
    """Forget every row of a person, inside the transaction that erases them. Locks forgetting, shared."""
    hold_forgetting()
    for table in (Candidates, Taste, Choice, Dismissal, Feedback, Shown):
        table.objects.filter(member_id=member_id).delete()


def _unlearn(member_ids: Sequence[MemberId]) -> None:
    """Take away what was learnt of somebody, within the caller's transaction.

    Rows that a scoring is about to replace are not waited for, which would take as long as it does: it looks
    who is not to be learnt of once it has written its own.
    """
    hold_forgetting()
    for table in (Candidates, Taste):
        rows = table.objects.filter(member_id__in=member_ids).select_for_update(skip_locked=True)
        table.objects.filter(pk__in=[row.pk for row in rows.only("pk")]).delete()


def _check(actor: Actor, member_id: MemberId) -> Person:
    person = get_person(member_id)
    check_is_self(person.member_id, actor)
    return person


def _dismiss(actor: Actor, member_id: MemberId, sku: str, kind: DismissalKind, now: datetime) -> None:
    person = _check(actor, member_id)
    if sku not in find_products([sku]):
        raise ProductUnknown(f"There is no product “{sku}”.", sku=sku)
    _write(person.member_id, sku, kind, now)


def _write(person: MemberId, sku: str, kind: DismissalKind, now: datetime) -> None:
    row = Dismissal(member_id=person, kind=kind.value, sku=sku, dismissed_at=now)
    Dismissal.objects.bulk_create([row], ignore_conflicts=True)


def _restore(actor: Actor, member_id: MemberId, sku: str, kind: DismissalKind) -> None:
    person = _check(actor, member_id)
    Dismissal.objects.filter(member_id__in=person.member_ids, kind=kind.value, sku=sku).delete()
