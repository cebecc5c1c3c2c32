"""Saved views: whose they are, who sees them, and what is refused."""

from datetime import UTC, datetime

import pytest

from regulars.identity import facade as identity
from regulars.identity import saved_views
from regulars.identity.facade import OperatorInfo, Role, SavedViewInfo
from regulars.identity.models import Operator, SavedView
from regulars.kit.actor import SYSTEM
from regulars.trail import facade as trail

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def hire(name: str) -> OperatorInfo:
    row = Operator.objects.create(
        email=f"{name.lower()}@example.org", name=name, role=Role.SUPPORT, created_at=NOW
    )
    return identity.get_operator(row.pk)


def save(who: OperatorInfo, name: str = "Gold", **over: object) -> SavedViewInfo:
    given: dict[str, object] = {"table": "members", "query": "tier=gold", "shared": False} | over
    return identity.save_view(actor=who.actor, now=NOW, name=name, **given)  # type: ignore[arg-type]


def names(who: OperatorInfo, table: str = "members") -> list[str]:
    return [view.name for view in identity.list_views(operator_id=who.id, table=table)]


def test_a_view_is_ones_own_until_it_is_shared() -> None:
    olga, sam = hire("Olga"), hire("Sam")
    gold = save(olga)
    save(olga, "Alone")
    save(olga, "Other table", table="trail")
    save(sam, "Sam's")
    assert (names(olga), names(sam)) == (["Alone", "Gold"], ["Sam's"])
    identity.share_view(actor=olga.actor, now=NOW, number=gold.number, shared=True)
    assert names(sam) == ["Sam's", "Gold"]
    assert identity.list_views(operator_id=sam.id, table="members")[1].owner_name == "Olga"
    identity.share_view(actor=olga.actor, now=NOW, number=gold.number, shared=False)
    assert names(sam) == ["Sam's"]


def test_saving_under_the_same_name_replaces_the_view_and_is_on_record() -> None:
    olga = hire("Olga")
    first = save(olga, " Gold  members ")
    second = save(olga, "Gold members", query="tier=platinum", shared=True)
    assert (first.number, first.name) == (second.number, "Gold members")
    assert SavedView.objects.get().query == "tier=platinum"
    identity.delete_view(actor=olga.actor, now=NOW, number=second.number)
    assert names(olga) == []
    noted = trail.list_audit(subject=f"view:{first.number}").items
    assert [record.action for record in noted] == ["view.deleted", "view.saved", "view.saved"]


def test_nobody_touches_another_ones_view() -> None:
    olga, sam = hire("Olga"), hire("Sam")
    gold = save(olga, shared=True)
    for act in (
        lambda: identity.delete_view(actor=sam.actor, now=NOW, number=gold.number),
        lambda: identity.share_view(actor=sam.actor, now=NOW, number=gold.number, shared=False),
    ):
        with pytest.raises(identity.SavedViewUnknown):
            act()
    with pytest.raises(identity.OperatorUnknown):
        identity.save_view(actor=SYSTEM, now=NOW, table="members", name="x", query="")
    assert identity.list_views(operator_id=sam.id, table="members") == [gold]


@pytest.mark.parametrize(
    ("name", "query"), [("", ""), ("x" * 61, ""), ("a\0b", ""), ("x", "q" * 2_001), ("x", "a\nb")]
)
def test_what_cannot_be_kept_is_refused(name: str, query: str) -> None:
    olga = hire("Olga")
    with pytest.raises(identity.SavedViewInvalid):
        save(olga, name, query=query)
    assert not SavedView.objects.exists()


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "VIEWS_MAX", 2)
    olga = hire("Olga")
    save(olga, "1")
    save(olga, "2")
    save(olga, "2", query="again")
    with pytest.raises(identity.SavedViewsFull):
        save(olga, "3")
    assert names(olga) == ["1", "2"]


def test_a_colleague_who_left_shares_nothing() -> None:
    olga, sam = hire("Olga"), hire("Sam")
    save(olga, shared=True)
    Operator.objects.filter(id=olga.id).update(is_active=False)
    assert names(sam) == []
