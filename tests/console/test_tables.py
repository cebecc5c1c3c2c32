"""The tables of the console: the address holds their state, and a swap, a reload and a file tell the same."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from itertools import chain, product

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.identity.facade import Role
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.members.facade import MemberInput, MemberSort
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers
from regulars.trail import facade as trail
from tests.console.conftest import Staffed, hire
from tests.store.shop import join, open_shop

HTMX = {"HX-Request": "true"}
TABLES = ["/console/", "/console/redemptions/", "/console/trail/"]


def read(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def table_of(page: str) -> str:
    """What htmx replaces, without the token that is new in each answer."""
    part = page[page.index('<div id="table"') :].partition("</main>")[0]
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", part).strip()


def names_of(page: str) -> list[str]:
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)


def sheet(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


# Eighteen pages.
@pytest.mark.slow
def test_a_swap_equals_a_reload(owner: Client) -> None:
    for address, query in product(TABLES, ["", "?size=50&cols=name,joined,reference", "?q=li&state=x"]):
        whole = read(owner, address + query)
        part = read(owner, address + query, **HTMX)
        assert table_of(whole) == table_of(part), address + query
        assert "<html" not in part


def test_the_address_is_told_in_short(support: Client) -> None:
    answer = support.get("/console/?q=li&state=&sort=name&cols=&joined_from=", headers=HTMX)
    assert answer["HX-Push-Url"] == "/console/?q=li"
    answer = support.get("/console/?q=&sort=-joined&cols=name&cols=joined&size=50", headers=HTMX)
    assert answer["HX-Push-Url"] == "/console/?sort=-joined&cols=name,joined&size=50"


def test_heads_sort_both_ways_and_say_so(staffed: Staffed, support: Client) -> None:
    join(staffed.shop.now - timedelta(days=900), MemberInput("old", "Zora", "Aaa"))
    shown = read(support, "/console/?sort=-joined")
    assert 'data-column="joined" data-number aria-sort="descending"' in shown
    assert 'href="/console/?sort=joined"' in shown
    assert names_of(shown)[-1] == "Zora Aaa"
    assert names_of(read(support, "/console/?sort=joined"))[0] == "Zora Aaa"
    by_name = names_of(read(support, "/console/"))
    assert by_name[0] == "Zora Aaa"
    assert names_of(read(support, "/console/?sort=-name")) == by_name[::-1]
    for nonsense in ("email", "x", "--name", "name'"):
        assert names_of(read(support, f"/console/?sort={nonsense}")) == by_name


def test_members_by_points_and_tier_forwards_and_back(staffed: Staffed, support: Client) -> None:
    join(staffed.shop.now, *[MemberInput(f"m{n:02}", "Ann", f"N{n:02}") for n in range(30)])
    # What the worker does every five minutes.
    ledger.note_points()
    tiers.note_ranks(now=staffed.shop.now)
    shown = read(support, "/console/?sort=-points")
    assert 'data-column="points" data-number aria-sort="descending"' in shown
    assert "within the last few minutes" in shown
    points = [int(digits.replace(",", "")) for digits in re.findall(r"<strong>([\d,]+)</strong>", shown)]
    assert points == sorted(points, reverse=True)
    assert points[0] > 0
    assert 'rel="prev"' not in shown
    further = read(support, unescape(re.findall(r'rel="next" href="([^"]+)"', shown)[0]))
    back = re.findall(r'rel="prev" href="([^"]+)"', further)[0]
    assert "before=" in back
    assert names_of(read(support, unescape(back))) == names_of(shown)
    ladder = rules.get_current_programme(staffed.shop.now).tiers.tiers
    found = [names_of(read(support, f"/console/?tier={tier.code}&sort=-tier&size=100")) for tier in ladder]
    assert len(found[0]) >= 30
    assert any(found[1:])
    assert sorted(chain.from_iterable(found)) == sorted(names_of(read(support, "/console/?size=100")))
    assert names_of(read(support, "/console/?tier=nonsense")) == []


def test_columns_are_chosen_and_the_name_always_stays(support: Client) -> None:
    shown = read(support, "/console/?cols=email")
    assert re.findall(r'<th scope="col" data-column="(\w+)"', shown) == ["name", "email"]
    shown = read(support, "/console/?cols=nonsense")
    assert "last_activity" in re.findall(r'<th scope="col" data-column="(\w+)"', shown)


def test_days_narrow_and_what_is_wrong_is_said(staffed: Staffed, support: Client) -> None:
    join(staffed.shop.now - timedelta(days=900), MemberInput("old", "Zora", "Aaa"))
    day = (staffed.shop.now - timedelta(days=900)).date()
    shown = read(
        support, f"/console/?joined_from={day - timedelta(days=1)}&joined_until={day + timedelta(days=1)}"
    )
    assert names_of(shown) == ["Zora Aaa"]
    assert "comes before the first" in read(
        support, "/console/?joined_from=2026-02-02&joined_until=2026-02-01"
    )
    assert "too far away" in read(support, "/console/?joined_from=0001-01-01")
    assert "Enter a valid date" in read(support, "/console/?joined_from=x")
    assert names_of(read(support, "/console/?state=erased")) == []


def test_a_cursor_that_is_not_ours_is_refused(support: Client) -> None:
    for table in ("/console/", "/console/redemptions/"):
        assert support.get(f"{table}?cursor=nonsense").status_code == 422


def test_a_file_holds_exactly_what_is_filtered_and_runs_nothing(staffed: Staffed, support: Client) -> None:
    join(
        staffed.shop.now,
        *[MemberInput(f"m{n:03}", "=cmd()", f"@N{n:03}") for n in range(130)],
        MemberInput("other", "Else", "Where"),
    )
    head, *rows = sheet(support, "/console/members.csv?q=m&cols=name,external_id,points,joined&sort=-name")
    assert head == ["name", "external_id", "points", "joined"]
    assert [row[1] for row in rows] == [f"m{n:03}" for n in range(129, -1, -1)]
    assert all(row[0].startswith("'=cmd() @N") for row in rows)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row[3]) for row in rows)
    (noted,) = trail.list_audit(action="table.exported").items
    assert noted.actor == staffed.staff[Role.SUPPORT].actor
    assert noted.details == {"columns": head, "filters": ["q"]}


def test_a_file_of_nothing_has_its_head(support: Client, owner: Client) -> None:
    assert sheet(support, "/console/members.csv?q=nobody") == [
        ["name", "points", "tier", "email", "joined", "last_activity"]
    ]
    assert sheet(owner, "/console/redemptions.csv")[0][0] == "reward"
    assert len(sheet(owner, "/console/trail.csv?action=member.created")) == 3


def test_files_are_only_for_those_who_may_look(staffed: Staffed) -> None:
    assert staffed.client(Role.SUPPORT).get("/console/trail.csv").status_code == 403
    assert Client().get("/console/members.csv").status_code == 302


def test_the_file_and_the_page_know_the_same_last_activity(staffed: Staffed, support: Client) -> None:
    _head, *rows = sheet(support, "/console/members.csv?cols=name,last_activity,number")
    page = members.list_members(sort=MemberSort.NAME)
    assert [int(row[0]) for row in rows] == [profile.id for profile in page.items]
    assert any(row[2] for row in rows)


def test_a_list_costs_the_same_at_one_and_at_thirty(staffed: Staffed, support: Client) -> None:
    join(staffed.shop.now, MemberInput("only"), *[MemberInput(f"many{n}") for n in range(30)])

    def count(text: str, cols: str) -> int:
        read(support, f"/console/?q={text}&size=50{cols}")
        with CaptureQueriesContext(connection) as queries:
            read(support, f"/console/?q={text}&size=50{cols}")
        return len(queries)

    for cols in ("", "&cols=name", "&cols=number,name,points,tier,last_activity"):
        assert count("only", cols) == count("many", cols), cols


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow  # the tables of the whole shop are emptied afterwards
def test_a_file_is_given_where_no_test_holds_a_transaction(
    transactional_db: None, cheap_passwords: None
) -> None:
    client = Staffed(open_shop(), hire(Role.OWNER)).client(Role.OWNER)
    for name in ("members", "redemptions", "trail"):
        assert sheet(client, f"/console/{name}.csv")
