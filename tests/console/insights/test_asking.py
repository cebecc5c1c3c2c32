"""What jobs work out for insights: who may start them, the page that waits, the shop's own brackets."""

import re
import sys
from subprocess import run
from urllib.parse import urlencode

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.analytics.facade import Measure, ReportKind
from regulars.analytics.models import BehindList, BehindMember, MemberMeasure
from regulars.analytics.models import Report as ReportRow
from regulars.identity.facade import Permission, Role
from regulars.identity.policies import PERMISSIONS
from regulars.kit.clock import utc_now
from tests.console.conftest import Staffed
from tests.console.insights import samples
from tests.console.insights.test_pages import PAGES, copy_facts
from tests.console.test_tables import read

DAYS = {"first": "2026-08-24", "last": "2026-11-15"}
LIST = "/console/insights/members/?" + urlencode({"measure": "repeat_rate", "key": "yes", **DAYS})
OTHER = "?period=custom&first=2026-05-01&last=2026-05-31"


def count_asked() -> tuple[int, int, int]:
    return ReportRow.objects.count(), BehindList.objects.count(), ProcrastinateJob.objects.count()


def keep_list(*member_ids: int) -> BehindList:
    """As the job does."""
    row = BehindList.objects.get(made_at=None)
    for number in member_ids:
        figures = {"numerator": 1, "denominator": 1}
        BehindMember.objects.create(list_id=row.pk, member_id=number, figures=figures)
    BehindList.objects.filter(pk=row.pk).update(made_at=utc_now(), as_of=samples.AS_OF, seconds=1.0)
    return row


@pytest.mark.parametrize("role", [one for one in Role if Permission.INSIGHTS_ASK not in PERMISSIONS[one]])
def test_who_only_reads_starts_nothing(staffed: Staffed, role: Role) -> None:
    copy_facts()
    client = staffed.client(role)
    before = count_asked()
    for address in (*PAGES.values(), PAGES["points"] + OTHER, LIST, LIST.replace("members/", "members.csv")):
        answer = client.get(address, follow=True)
        assert "Refresh" not in answer
        if answer.status_code == 200:
            assert "your role reads what is there without starting anything" in answer.content.decode()
    for part in ("points/make/", "members/make/", "copy/", "retention/brackets/"):
        assert client.post(f"/console/insights/{part}").status_code == 403
    assert count_asked() == before
    # What somebody else had made is there to be read.
    samples.store(ReportKind.POINTS, samples.make_points(), utc_now())
    if Permission.INSIGHTS_VIEW in PERMISSIONS[role]:
        assert "Issued, spent and expired" in read(client, PAGES["points"] + "?period=84d")
    assert count_asked()[1:] == before[1:]


def test_nobody_is_shown_a_button_that_is_not_for_them(staffed: Staffed) -> None:
    copy_facts()
    for kind, report in samples.make_all().items():
        samples.store(kind, report, utc_now())
    for role in (Role.READ_ONLY, Role.FINANCE, Role.MARKETER):
        client = staffed.client(role)
        shown = "".join(read(client, address) for address in PAGES.values())
        assert ("/make/" in shown) == (Permission.INSIGHTS_ASK in PERMISSIONS[role])


def test_an_old_report_is_renewed_only_for_who_may_ask(staffed: Staffed) -> None:
    copy_facts()
    samples.store(ReportKind.POINTS, samples.make_points(), utc_now())
    ReportRow.objects.update(made_at="2026-01-01T00:00:00Z")
    read(staffed.client(Role.READ_ONLY), PAGES["points"])
    assert ReportRow.objects.count() == 1
    read(staffed.client(Role.FINANCE), PAGES["points"])
    assert ReportRow.objects.filter(made_at=None).count() == 1


def test_a_list_of_members_is_waited_for_and_then_shown(staffed: Staffed) -> None:
    copy_facts()
    marketer = staffed.client(Role.MARKETER)
    waiting = marketer.get(LIST)
    assert int(waiting["Refresh"]) > 0
    assert "Being worked out" in waiting.content.decode()
    assert marketer.get(LIST.replace("members/", "members.csv"))["Location"] == LIST
    row = keep_list(staffed.shop.anna)
    shown = marketer.get(LIST)
    assert "Refresh" not in shown
    assert shown.content.decode().count("row-link") == 1
    assert "Refresh" not in staffed.client(Role.READ_ONLY).get(LIST)
    BehindList.objects.filter(pk=row.pk).update(made_at=None, failure="The disk is full.")
    failed = marketer.get(LIST).content.decode()
    (again,) = re.findall(r'action="(/console/insights/members/make/[^"]+)"', failed)
    assert "The disk is full." in failed
    assert marketer.post(again.replace("&amp;", "&"))["Location"] == LIST
    assert "The disk is full." not in read(marketer, LIST)


def test_the_cells_of_a_grid_lead_to_their_members(staffed: Staffed) -> None:
    copy_facts()
    for kind, report in samples.make_all().items():
        samples.store(kind, report, utc_now())
    MemberMeasure.objects.create(
        member_id=staffed.shop.anna, as_of=samples.AS_OF, segment="loyal", rfm_cell="543"
    )
    marketer = staffed.client(Role.MARKETER)
    page = read(marketer, PAGES["value"])
    (address,) = set(re.findall(r'/console/insights/members/\?measure=rfm&amp;key=54&amp;[^"\\]+', page))
    assert read(marketer, address.replace("&amp;", "&")).count("row-link") == 1
    assert "measure=rfm" not in read(staffed.client(Role.MARKETER), PAGES["overview"])


def test_a_marketer_sets_brackets_where_they_are_shown(staffed: Staffed) -> None:
    copy_facts()
    samples.store(ReportKind.RETENTION, samples.make_retention(), utc_now())
    marketer = staffed.client(Role.MARKETER)
    address = "/console/insights/retention/brackets/?period=84d"
    shown = read(marketer, PAGES["retention"] + "?kind=brackets")
    assert 'value="1, 8, 29, 85"' in shown
    for other in (PAGES["retention"], PAGES["retention"] + "?kind=unbounded"):
        assert "/retention/brackets/" not in read(marketer, other)
    assert "/retention/brackets/" not in read(
        staffed.client(Role.FINANCE), PAGES["retention"] + "?kind=brackets"
    )
    for wrong, told in (("1, x", "Write days as whole numbers"), ("9 3", "rise from 1 on")):
        answer = marketer.post(address, {"days": wrong}, follow=True)
        assert told in answer.content.decode()
    assert ReportRow.objects.filter(made_at=None).count() == 0
    saved: Client = marketer
    assert saved.post(address, {"days": "1，15; 60"})["Location"].endswith("?period=84d&kind=brackets")
    assert 'value="1, 15, 60"' in read(marketer, PAGES["retention"] + "?kind=brackets")
    assert ReportRow.objects.filter(made_at=None, kind="retention").count() > 0


# A process of its own, which imports what the web server imports.
@pytest.mark.slow
def test_the_web_process_loads_no_engine() -> None:
    program = (
        "import django, sys; django.setup()\n"
        "import regulars.config.urls, regulars.config.wsgi\n"
        "from regulars.console.views.insights import behind, brackets, pages\n"
        "heavy = {'duckdb', 'ibis', 'pyarrow', 'scipy', 'sklearn', 'lightgbm', 'pandas'} & set(sys.modules)\n"
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    done = run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_measure_opens_the_facts_in_a_view(staffed: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_facts()
    marketer = staffed.client(Role.MARKETER)

    def refuse() -> None:
        raise AssertionError("the facts were opened in the web process")

    monkeypatch.setattr("regulars.analytics.facade.open_facts", refuse)
    for measure in Measure:
        address = "/console/insights/members/?" + urlencode({"measure": measure.value, "key": "", **DAYS})
        assert marketer.get(address).status_code in {200, 422}, measure
