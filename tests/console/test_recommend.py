"""The pages of recommendations: who may, what is shown, marks from search to end, why she saw this."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.earning import facade as earning
from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.members import facade as members
from regulars.recommend import facade as recommend
from regulars.recommend.facade import MarkKind, MarkSubject, Placement, ShelfCode
from regulars.recommend.models import Backtest, Mark, Shown, TrainedModel
from regulars.trail import facade as trail
from tests.console.conftest import Staffed
from tests.recommend.shop import learn, stock
from tests.store.test_history import text_of

pytestmark = pytest.mark.django_db
SKUS = [f"p{number:02}" for number in range(30)]
PAGE, MARKS = "/console/recommendations/", "/console/recommendations/marks/"


def compare() -> None:
    """A back-test as a job leaves it, and a model that serves."""
    now = utc_now()
    figures = {"ndcg": [0.5, 0.004], "recall": [0.3, 0.003], "coverage": [0.25, 0.0]}
    figures |= {"novelty": [5.5, 0.1], "diversity": [0.8, 0.01]}
    lines = [
        {"task": task, "model": model, "figures": figures, "difference": gap, "seconds": 3.0}
        for task in ("any", "new")
        for model, gap in (("two_stage", None), ("recent", [-0.27, 0.005]))
    ]
    payload = {"lines": lines, "winners": {"any": "two_stage", "new": "two_stage"}}
    payload |= {"cut": "2026-09-01", "after": "2026-11-01", "members": 2438, "items": 15_000}
    Backtest.objects.create(
        asked_at=now, made_at=now, as_of=now.date(), seconds=200.0, payload=payload, failure=""
    )
    TrainedModel.objects.create(
        task="any", kind="two_stage", figures=figures, as_of=now.date(), trained_at=now, seconds=9.0,
        served_from=now, verdict="first",
    )  # fmt: skip


def test_an_empty_shop_says_what_to_do(staffed: Staffed) -> None:
    text = text_of(staffed.client(Role.MARKETER).get(PAGE))
    assert "No model serves yet" in text
    assert "Not compared yet" in text
    assert "No shelf was shown in the last 28 days" in text
    assert "Nothing is pinned, boosted or banned" in text_of(staffed.client(Role.MARKETER).get(MARKS))
    anna = staffed.shop.anna
    support = staffed.client(Role.SUPPORT)
    assert "Nothing was shown yet" in text_of(support.get(f"/console/members/{anna}/shown/"))


def test_quality_tells_the_table_what_serves_and_the_ways(staffed: Staffed) -> None:
    compare()
    stock(*SKUS)
    for ago in (1, 10):
        recommend.list_shelves(
            member_id=staffed.shop.anna, now=utc_now() - timedelta(days=ago), placement=Placement.HOME
        )
    client = staffed.client(Role.MARKETER)
    text = text_of(client.get(PAGE))
    assert "Two stages taken" in text
    assert "0.500 ± 0.004" in text
    assert "−0.270 ± 0.005" in text
    assert "2,438 members" in text
    assert "Of 2 shelves in 28 days, 100% came by “Newest”." in text
    rows = list(csv.DictReader(io.StringIO(client.get(f"{PAGE}served.csv").content.decode())))
    assert {row["way"]: (row["shelves_7_days"], row["shelves_28_days"]) for row in rows}["newest"] == (
        "1",
        "2",
    )


def test_jobs_are_asked_for_by_who_may_and_are_on_record(staffed: Staffed) -> None:
    finance, reader = staffed.client(Role.FINANCE), staffed.client(Role.READ_ONLY)
    assert reader.post(f"{PAGE}compare/").status_code == 403
    assert finance.post(f"{PAGE}train/").status_code == 403
    assert not ProcrastinateJob.objects.filter(task_name__startswith="recommend.").exists()
    assert not Backtest.objects.exists()
    assert finance.post(f"{PAGE}compare/").status_code == 302
    finance.post(f"{PAGE}compare/")
    marketer = staffed.client(Role.MARKETER)
    assert marketer.post(f"{PAGE}train/").status_code == 302
    marketer.post(f"{PAGE}train/")
    jobs = ProcrastinateJob.objects.filter(task_name__startswith="recommend.")
    assert sorted(job.task_name for job in jobs) == ["recommend.make_backtest", "recommend.train"]
    actions = [one.action for one in trail.list_audit(size=50).items]
    assert actions.count("recommend.backtest_asked") == 2
    assert actions.count("recommend.training_asked") == 2
    waiting = marketer.get(PAGE)
    assert "A job compares the models" in text_of(waiting)
    assert waiting["Refresh"]


def test_a_mark_is_found_set_shown_and_ended(staffed: Staffed) -> None:
    stock("fuel-1", brand="Tank", categories=("Fuel",))
    client = staffed.client(Role.MARKETER)
    found = client.get(f"{MARKS}new/?q=fuel").content.decode()
    assert "subject=product&amp;value=fuel-1" in found
    assert "subject=category&amp;value=Fuel" in found
    assert "subject=brand&amp;value=Tank" in client.get(f"{MARKS}new/?q=tank").content.decode()
    address = f"{MARKS}new/?subject=category&value=Fuel"
    assert 'value="pin"' not in client.get(address).content.decode(), "only one thing can be pinned"
    said = client.post(address, {"kind": "unsuitable", "note": "Everybody buys it"})
    assert said["Location"] == MARKS
    text = text_of(client.get(MARKS))
    assert "Fuel Category · Everybody buys it" in text
    assert "Mara Lindt" in text
    mark = Mark.objects.get()
    assert (mark.kind, mark.subject, mark.value) == ("unsuitable", "category", "Fuel")
    assert client.post(f"{MARKS}{mark.pk}/end/")["Location"] == MARKS
    assert "Nothing is pinned" in text_of(client.get(MARKS))
    assert "ended" in text_of(client.get(f"{MARKS}?all=1"))
    assert client.post(f"{MARKS}{mark.pk}/end/").status_code == 404


def test_the_last_day_there_is_means_without_end(staffed: Staffed) -> None:
    stock("p1")
    told = {"kind": "ban", "ends_on": "9999-12-31"}
    answer = staffed.client(Role.OWNER).post(f"{MARKS}new/?subject=product&value=p1", told)
    assert answer.status_code == 302
    assert Mark.objects.get().ends_at is None


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"kind": "pin"}, "Say at which place."),
        ({"kind": "boost"}, "Say by which factor."),
        ({"kind": "boost", "factor": "0"}, "Give a factor"),
        ({"kind": "ban", "starts_on": "2020-01-01"}, "That day is over."),
        ({"kind": "ban", "starts_on": "2099-01-02", "ends_on": "2099-01-01"}, "not end before it begins"),
        ({"kind": "nonsense"}, "nonsense"),
    ],
)
def test_a_mark_that_makes_no_sense_changes_nothing(
    staffed: Staffed, told: dict[str, str], said: str
) -> None:
    stock("p1")
    answer = staffed.client(Role.OWNER).post(f"{MARKS}new/?subject=product&value=p1", told)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not Mark.objects.exists()


def test_who_may_not_decide_sees_no_button_and_is_refused(staffed: Staffed) -> None:
    stock("p1")
    mark = recommend.set_mark(
        actor=SYSTEM, now=utc_now(), kind=MarkKind.BAN, subject=MarkSubject.PRODUCT, value="p1"
    )
    reader = staffed.client(Role.READ_ONLY)
    page = reader.get(MARKS).content.decode()
    assert "The p1" in page
    assert "End now" not in page
    assert reader.post(f"{MARKS}{mark.id}/end/").status_code == 403
    assert reader.post(f"{MARKS}new/?subject=product&value=p1", {"kind": "ban"}).status_code == 403
    assert staffed.client(Role.SUPPORT).get(PAGE).status_code == 403
    assert Mark.objects.get().ends_at is None


def test_a_pin_of_a_reward_leads_what_the_member_sees(staffed: Staffed) -> None:
    stock(*SKUS)
    anna = staffed.shop.anna
    learn(anna, ShelfCode.NEW, *SKUS[:12], as_of=utc_now().date())
    client = staffed.client(Role.OWNER)
    before = text_of(client.get(f"/console/members/{anna}/shelves/"))
    assert "Rewards suggested" in before
    assert "You bought from “Food” 3 times." in before
    assert not Shown.objects.exists(), "looking is not showing"
    address = f"{MARKS}new/?subject=reward&value=loaf"
    assert client.post(address, {"kind": "pin", "place": "1"}).status_code == 302
    text = text_of(client.get(f"/console/members/{anna}/shelves/"))
    assert "1 A fresh loaf of bread" in text
    assert "The shop chose it." in text


def test_support_answers_why_she_saw_this(staffed: Staffed) -> None:
    stock(*SKUS)
    anna, now = staffed.shop.anna, utc_now()
    learn(anna, ShelfCode.NEW, *SKUS[:12], as_of=now.date())
    recommend.set_mark(
        actor=SYSTEM, now=now, kind=MarkKind.BOOST, subject=MarkSubject.PRODUCT, value="p03", factor=5.0
    )
    recommend.list_shelves(member_id=anna, now=now, placement=Placement.HOME, count=5)
    recommend.suggest_rewards(member_id=anna, now=now, placement=Placement.HOME)
    client = staffed.client(Role.SUPPORT)
    log = text_of(client.get(f"/console/members/{anna}/shown/"))
    assert "New for you The p03, The p00, The p01" in log
    assert "Rewards suggested" in log
    shown = Shown.objects.get(shelf="new")
    page = text_of(client.get(f"/console/members/{anna}/shown/{shown.pk}/?item=p03"))
    assert "Why “The p03”?" in page
    assert "Boost The p03, times 5" in page
    rewards = Shown.objects.get(shelf="rewards")
    page = text_of(client.get(f"/console/members/{anna}/shown/{rewards.pk}/?item={rewards.skus[0]}"))
    assert "You can have it now" in page
    ben = staffed.shop.ben
    assert client.get(f"/console/members/{ben}/shown/{shown.pk}/").status_code == 404, (
        "it was not shown to him"
    )


def count_queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_as_many_queries_for_one_row_as_for_thirty(staffed: Staffed) -> None:
    anna, now = staffed.shop.anna, utc_now()
    client = staffed.client(Role.OWNER)
    paths = [MARKS, f"/console/members/{anna}/shown/"]
    counted = []
    for first, after in ((0, 1), (1, 20)):
        stock(*SKUS[first:after])
        for number in range(first, after):
            recommend.set_mark(
                actor=SYSTEM, now=now, kind=MarkKind.BAN, subject=MarkSubject.PRODUCT, value=SKUS[number]
            )
            Shown.objects.create(
                member_id=anna, shown_at=now, placement="home", shelf="new", served_by="model",
                skus=[SKUS[number]], ways=["model"], reasons=[[]],
            )  # fmt: skip
        counted.append([count_queries(client, path) for path in paths])
    assert counted[0] == counted[1]


def test_shelves_of_who_was_merged_or_erased_are_told_plainly(staffed: Staffed) -> None:
    stock(*SKUS)
    now, anna, ben = utc_now(), staffed.shop.anna, staffed.shop.ben
    recommend.list_shelves(member_id=ben, now=now, placement=Placement.HOME)
    shown_id = Shown.objects.get().pk
    support = staffed.client(Role.SUPPORT)
    pages = [f"/console/members/{ben}/{page}/" for page in ("shelves", "shown", f"shown/{shown_id}")]
    earning.merge_members(actor=SYSTEM, now=now, member_id=ben, into_member_id=anna, reason="one person")
    for page in pages:
        # Both numbers lead to what the one person saw.
        assert support.get(page).status_code == 200, page
        assert support.get(page.replace(f"/{ben}/", f"/{anna}/")).status_code == 200, page
    members.erase_member(actor=SYSTEM, now=now, member_id=anna, reason="they asked")
    for page in pages[:2]:
        for who in (anna, ben):
            answer = support.get(page.replace(f"/{ben}/", f"/{who}/"))
            assert answer.status_code == 200
            assert "They were erased" in text_of(answer)
    assert support.get(pages[2].replace(f"/{ben}/", f"/{anna}/")).status_code in {404, 409}
