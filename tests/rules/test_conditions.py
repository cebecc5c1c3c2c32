"""CEL conditions: mistakes are found when published, and nothing they do when run harms an evaluation."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from regulars.rules.conditions import check_when
from regulars.rules.document import check_programme
from regulars.rules.evaluation import evaluate_basket, evaluate_happening
from regulars.rules.sentences import explain
from regulars.rules.types import Basket, Happening, MemberState, RuleType
from tests.rules.documents import FRIDAY, MINIMAL, basket, line, only

BASKET, EVENT = RuleType.BONUS, RuleType.EVENT

SOUND = [
    "basket.total >= 5000",
    "member.tier == 'gold' && basket.total > 1000",
    "'regular' in member.segments || basket.store in ['1', '2']",
    "!(member.orders > 3) && basket.channel != 'web'",
    "basket.hour >= 18 ? basket.total > 1000 : basket.quantity > 5",
    "basket.categories.exists(c, c.startsWith('bread'))",
    "basket.skus.all(s, s != 'x') && size(basket.brands) > 1",
    "has(member.attributes.vip) && member.attributes.vip == true",
    "has(basket.attributes.coupon) && basket.attributes.coupon.matches('^SUMMER[0-9]+$')",
    "basket.at > timestamp('2026-01-01T00:00:00Z')",
    "basket.at - timestamp('2026-01-01T00:00:00Z') > duration('24h')",
    "basket.skus.filter(s, s != 'x').map(s, s + '!').exists(s, s == 'y!')",
    "basket.skus.exists(s, s == 'x')" + " && basket.skus.exists(s, s == 'x')" * 4,
    "member.birth_month == basket.month && member.birth_day == basket.day",
    "member.joined_days < 30 // new here\n || member['orders'] == 0",
    "basket.total / basket.quantity > 100",
    "basket.weekday in ['saturday', 'sunday']",
    "true",
]


@pytest.mark.parametrize("source", SOUND)
def test_sound_conditions_have_no_mistakes(source: str) -> None:
    assert check_when(source, BASKET) == []


MISTAKES = [
    ("", 0, "is empty"),
    ("basket.total >", 0, "the end"),
    ("basket.total = 5", 0, "write == instead of ="),
    ("basket.total > 5 and true", 0, "write && for and"),
    ("total > 5", 0, "total is not known"),
    ("baskt.total > 5", 0, 'did you mean "basket"'),
    ("event.kind == 'x'", 0, "event is not known to a rule of type bonus"),
    ("basket.totl > 5", 0, 'has no field totl (did you mean "total"?)'),
    ("basket['totl'] > 5", 0, "has no field totl"),
    ("true || basket.totl > 5", 0, "has no field totl"),
    ("basket == {}", 0, "cannot be used whole"),
    ("basket.total.minimum(5)", 0, "function minimum is not known"),
    ("basket.store.startWith('a')", 0, 'did you mean "startsWith"'),
    ("basket.total", 0, "must be true or false"),
    ("basket.store && true", 0, "basket.store is a text"),
    ("member.tier > 3", 0, "mixes types"),
    ("false && member.tier > 3", 0, "mixes types"),
    ("basket.total > 5 ||\n  member.tier > 3", 1, "mixes types"),
    ("basket.total > 5 ||\n  (true && (true ||\n !(member.orders > 'x')))", 2, "mixes types"),
    ("true ? basket.total : false", 0, "must be true or false"),
    ("member.tier == 3", 0, "compares a text with a number"),
    ("3 in member.segments", 0, "looks for a number in a list of a text"),
    ("basket.store.matches('[')", 0, "cannot be evaluated"),
    ("1 / 0 == 1", 0, "cannot be evaluated"),
    ("int('x') == 1", 0, "cannot be evaluated"),
    ("basket.skus.all(a, basket.skus.all(b, true))", 0, "map within another"),
    ("basket.skus.map(x, basket.skus.map(y, basket.skus)).size() > 0", 0, "map within another"),
    ("basket.skus.map(x, basket.skus).size() > 0", 0, "names basket.skus within"),
    ("basket.skus.exists(x, x in basket['brands'])", 0, "names basket.brands within"),
    ("basket.skus.map(x, (basket . skus) . map // so\n (y, 1)).size() > 0", 0, "map within another"),
    ("basket.skus.filter(x, basket.skus.exists(y, y == x)).all(z, true)", 0, "map within another"),
    ("basket.skus.exists(x, true)" + " && basket.skus.exists(x, true)" * 5, 0, "more than 5 of all"),
    ("true || " * 200 + "true", 0, "longer than 1000"),
    ("optional.of(1).hasValue()", 0, "not known"),
    ("__import__('os').system('true')", 0, "not known"),
    ("google.protobuf.Timestamp{} == 1", 0, ""),
]


@pytest.mark.parametrize(("source", "offset", "message"), MISTAKES)
def test_mistakes_are_found_before_publication_even_where_cel_would_not_look(
    source: str, offset: int, message: str
) -> None:
    found = check_when(source, BASKET)
    assert any(at == offset and message in text for at, text in found), found


def test_a_mistake_names_the_line_of_the_document_within_a_long_text() -> None:
    text = MINIMAL + 'when = """\nbasket.total > 5 &&\n  member.tier > 3\n"""\n'
    [problem] = check_programme(text)
    assert (problem.line, problem.field) == (13, "earn[purchases].when")
    [problem] = check_programme(MINIMAL + "when = '''basket.total > 5 &&\n  member.tier > 3'''\n")
    assert problem.line == 12
    [problem] = check_programme(MINIMAL + 'when = "basket.total > 5 &&\\n  member.tier > 3"\n')
    assert problem.line == 11


def test_an_event_rule_sees_the_event_and_not_a_basket() -> None:
    assert check_when("event.kind == 'review' && member.orders > 0", EVENT) == []
    assert "basket is not known to a rule of type event" in check_when("basket.total > 5", EVENT)[0][1]


RULES = """
[[earn]]
id = "extra"
name = "Extra"
type = "bonus"
points = 5
when = '''{when}'''
"""


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("member.tier == 'gold'", True),
        ("member.tier == ''", False),
        ("member.segments == ['a', 'b']", True),
        ("member.orders == 4 && member.joined_days == 10", True),
        ("member.birth_month == 2 && member.birth_day == 29", True),
        ("member.attributes.level == 7 && member.attributes.since == '2020-01-01'", True),
        ("member.attributes.list == [1, 'x'] && member.attributes.map.inner == '1.5'", True),
        ("basket.total == 350 && basket.quantity == 3 && basket.lines == 2", True),
        ("basket.skus == ['p', 'q'] && basket.brands == ['Mill'] && basket.categories == ['a', 'b']", True),
        ("basket.store == '7' && basket.channel == 'web'", True),
        ("basket.weekday == 'friday' && basket.hour == 12 && basket.day == 20 && basket.month == 11", True),
        ("basket.at == timestamp('2026-11-20T11:00:00Z')", True),
        ("basket.attributes.coupon == 'X'", True),
    ],
)
def test_conditions_see_what_the_documentation_says(when: str, holds: bool) -> None:
    state = MemberState(
        tier="gold",
        segments=frozenset({"b", "a"}),
        orders_before=4,
        joined_on=date(2026, 11, 10),
        birthday=date(2000, 2, 29),
        attributes={
            "level": 7,
            "since": date(2020, 1, 1),
            "list": (1, "x"),
            "map": {"inner": Decimal("1.5"), "set": {1}},
        },
    )
    bought = Basket(
        FRIDAY,
        (
            line(1, 100, sku="q", brand="Mill", categories=("b", "a")),
            line(2, 250, sku="p", quantity=2),
        ),
        "7",
        "web",
        {"coupon": "X"},
    )
    evaluation = evaluate_basket(only(RULES.format(when=when)), state, bought)
    assert evaluation.points_of("points") == (5 if holds else 0)
    assert evaluation.notes == ()


def test_an_unknown_member_gives_empty_values_of_the_same_types() -> None:
    when = "member.tier == '' && member.segments == [] && member.joined_days == 0 && member.birth_month == 0"
    evaluation = evaluate_basket(only(RULES.format(when=when)), MemberState(), basket(line(1, 100)))
    assert evaluation.points_of("points") == 5


@pytest.mark.parametrize(
    "when",
    [
        "member.attributes.vip == true",
        "member.attributes.text > 3",
        "basket.total / (basket.quantity - 1) > 1",
        "member.segments[0] == 'a'",
        "has(member.attributes.text) ? member.attributes.text : false",
    ],
)
def test_a_condition_that_fails_when_run_leaves_its_rule_out_and_says_so(when: str) -> None:
    programme = only(RULES.format(when=when) + '[[earn]]\nid = "base"\ntype = "per_amount"\npoints = 1\n')
    state = MemberState(attributes={"text": "x"})
    evaluation = evaluate_basket(programme, state, basket(line(1, 100)))
    assert evaluation.points_of("points") == 1
    [note] = evaluation.notes
    assert note.code == "condition_failed"
    assert note.params["rule"] == "extra"
    assert "“Extra” was left out" in explain(note)


def test_a_value_that_cel_cannot_hold_becomes_text_and_never_ends_the_evaluation() -> None:
    class Strange:
        def __str__(self) -> str:
            return "strange"

    programme = only(RULES.format(when="member.attributes.odd == 'strange'"))
    state = MemberState(attributes={"odd": Strange(), "big": 2**80})
    assert evaluate_basket(programme, state, basket(line(1, 100))).points_of("points") == 5


def test_conditions_on_happenings() -> None:
    rule = '[[earn]]\nid = "r"\ntype = "event"\nevent = "review"\npoints = 9\nwhen = "{when}"\n'
    programme = only(
        rule.format(when="event.kind == 'review' && event.attributes.words >= 20 && event.hour == 12")
    )
    at = datetime(2026, 11, 20, 11, tzinfo=UTC)
    long, short = ({"words": words} for words in (20, 19))
    assert (
        evaluate_happening(programme, MemberState(), Happening("review", at, long)).points_of("points") == 9
    )
    assert (
        evaluate_happening(programme, MemberState(), Happening("review", at, short)).points_of("points") == 0
    )


def test_a_disabled_rule_is_checked_all_the_same() -> None:
    text = MINIMAL + 'enabled = false\nwhen = "nonsense"\n'
    assert [problem.line for problem in check_programme(text)] == [12]
