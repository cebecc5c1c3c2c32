"""Every mistake in a document names its line and its field, and says what to do."""

import pytest

from regulars.rules.document import check_programme, parse_programme
from regulars.rules.errors import ProgrammeInvalid
from tests.rules.documents import MINIMAL

HEAD = """\
[programme]
name = "Club"
time_zone = "Europe/Berlin"
currency = "EUR"
"""
BASE = """\
[[earn]]
id = "purchases"
type = "per_amount"
points = 1
"""
BONUS = '[[earn]]\nid = "b"\ntype = "bonus"\npoints = 5\n'
TIER = '[[tiers.tier]]\ncode = "silver"\nthreshold = 5\n'

Case = tuple[str, int, str, str]

SYNTAX: list[Case] = [
    (HEAD + BASE + "[earn.window]\ntime_from = 17:00\n", 10, "document", "in quotes"),
    (HEAD + BASE + "window = { time_from = 17:00 }\n", 9, "document", "in quotes"),
    (HEAD + "[[earn]]\nid = purchases\n", 6, "document", "text stands in quotes"),
    (HEAD + BASE.replace("= 1", "= 1,5"), 8, "document", "with a point"),
    (HEAD + BASE.replace("= 1", "= 5%"), 8, "document", "percentage"),
    (HEAD + BASE + "enabled = True\n", 9, "document", "small letters"),
    (HEAD.replace('"Club"', "“Club”") + BASE, 2, "document", "straight quotes"),
    (HEAD + "[[earn]]\nid: x\n", 6, "document", "not by a colon"),
    (HEAD + "[[earn]]\nid x\n", 6, "document", "joined by ="),
    (HEAD + "[[earn]]\nid =\n", 6, "document", "value is missing"),
    (HEAD + BASE + "points = 2\n", 9, "earn[#1].points", "stands in line 8 already"),
    (HEAD + BASE + '[programme]\nname = "x"\n', 9, "programme", "stands in line 1 already"),
    (HEAD + BASE.replace("= 1", "= " + "9" * 5000), 8, "document", "far too long"),
    ("a = " + "[" * 3000 + "]" * 3000, 1, "document", "nested too deeply"),
    # Python's reader would take a minute.
    ("a.b-" * 120_000 + " = 1", 1, "document", "nested too deeply"),
    ("[zz]\n" + ".".join(["a"] * 1_000) + " = 1", 1, "document", "nested too deeply"),
    ('a = "\ud800"', 1, "document", "not valid Unicode"),
    ("#" * 500_001, 1, "document", "longer than"),
]

SHAPE: list[Case] = [
    ("", 1, "programme", "is missing"),
    (HEAD, 1, "earn", "is missing"),
    (HEAD + BASE.replace("[[earn]]", "[earn]"), 5, "earn", "[[earn]]"),
    (HEAD.replace("[programme]", "[[programme]]") + BASE, 1, "programme", "[programme]"),
    (HEAD + "earn = [1]\n", 5, "programme.earn", "header of its own"),
    ("earn = [1]\n" + HEAD, 1, "earn", "must hold tables"),
    (HEAD + BASE + "[rules]\n", 9, "rules", 'did you mean "earn"'),
    (HEAD + BASE + "[expriy]\n", 9, "expriy", 'did you mean "expiry"'),
    (HEAD + BASE + "poinst = 2\n", 9, "earn[purchases].poinst", 'did you mean "points"'),
    (HEAD + BASE + 'sku = "a"\n', 9, "earn[purchases].sku", "match = { skus"),
    (HEAD + BASE + 'categories = ["a"]\n', 9, "earn[purchases].categories", "match = { categories"),
    (HEAD + BASE + "weekdays = []\n", 9, "earn[purchases].weekdays", "window = { weekdays"),
    (HEAD + BASE + "colour = 2\n", 9, "earn[purchases].colour", "known are id, name"),
    (
        HEAD + BASE + '[[earn.caps]]\nscope = "member"\nperiod = "day"\npoints = 5\nenabled = false\n',
        13,
        "earn[purchases].caps[#1].enabled",
        "belongs to [[earn]]",
    ),
    (HEAD + BASE + 'match = "bread"\n', 9, "earn[purchases].match", "must be a table"),
    (HEAD + BASE + "caps = 3\n", 9, "earn[purchases].caps", "[[earn.caps]]"),
    (HEAD + 'points_name = "Stars"\n' + BASE, 5, "programme.points_name", "must be a table"),
    (HEAD + 'points_name = { singular = "Star" }\n' + BASE, 5, "programme.points_name.plural", "is missing"),
]

VALUES: list[Case] = [
    (HEAD.replace('"Club"', '""') + BASE, 2, "programme.name", "must not be empty"),
    (HEAD.replace("Club", "x" * 201) + BASE, 2, "programme.name", "longer than 200"),
    (HEAD.replace("Berlin", "Berln") + BASE, 3, "programme.time_zone", 'did you mean "Europe/Berlin"'),
    (HEAD.replace("Europe/Berlin", "xyz") + BASE, 3, "programme.time_zone", "such as Europe/Berlin"),
    (HEAD.replace("EUR", "euro") + BASE, 4, "programme.currency", 'did you mean "EUR"'),
    (HEAD + 'rounding = "flor"\n' + BASE, 5, "programme.rounding", 'did you mean "floor"'),
    (HEAD + 'round_at = "basket"\n' + BASE, 5, "programme.round_at", "one of line, subtotal"),
    (HEAD + "stacking = 1\n" + BASE, 5, "programme.stacking", "found the number 1"),
    (HEAD + "[[earn]]\nid = 3\n", 6, "earn[#1].id", "must be a text in quotes; found the number 3"),
    (HEAD + BASE.replace("purchases", "My Rule!"), 6, "earn[My Rule!].id", "small letters"),
    (HEAD + BASE.replace("per_amount", "per_amonut"), 7, "earn[purchases].type", 'did you mean "per_amount"'),
    (HEAD + BASE.replace("= 1", '= "1"'), 8, "earn[purchases].points", 'found the text "1"'),
    (HEAD + BASE.replace("= 1", "= true"), 8, "earn[purchases].points", "found true"),
    (HEAD + BASE.replace("= 1", "= 0"), 8, "earn[purchases].points", "at least 0.000001"),
    (HEAD + BASE.replace("= 1", "= -1"), 8, "earn[purchases].points", "at least"),
    (HEAD + BASE.replace("= 1", "= 1000001"), 8, "earn[purchases].points", "at most 1000000"),
    (HEAD + BASE.replace("= 1", "= 1e400"), 8, "earn[purchases].points", "plain number"),
    (HEAD + BASE.replace("= 1", "= nan"), 8, "earn[purchases].points", "plain number"),
    (HEAD + BASE.replace("= 1", "= 0.0000001"), 8, "earn[purchases].points", "more than 6 decimals"),
    (HEAD + BASE + "per = 1.005\n", 9, "earn[purchases].per", "more decimals than the currency (2)"),
    (HEAD + BASE + "per = 0\n", 9, "earn[purchases].per", "at least 0.01"),
    (HEAD.replace("EUR", "JPY") + BASE + "per = 1.5\n", 9, "earn[purchases].per", "currency (0)"),
    (HEAD + BASE + 'enabled = "yes"\n', 9, "earn[purchases].enabled", "without quotes"),
    (HEAD + BASE + 'match = { skus = "a" }\n', 9, "earn[purchases].match.skus", '["…"]'),
    (HEAD + BASE + "match = { brands = [] }\n", 9, "earn[purchases].match.brands", "empty list"),
    (
        HEAD + BASE + 'match = { skus = [\n"a",\n3] }\n',
        11,
        "earn[purchases].match.skus",
        "found the number 3",
    ),
    (HEAD + BASE + 'match = { skus = ["a", "a"] }\n', 9, "earn[purchases].match.skus", 'names "a" twice'),
    (HEAD + BASE + "match = { quantity_min = 0 }\n", 9, "earn[purchases].match.quantity_min", "at least 1"),
    (HEAD + BASE + 'window = { weekdays = ["funday"] }\n', 9, "earn[purchases].window.weekdays", '"mon"'),
    (HEAD + BASE + 'window = { time_from = "25:00" }\n', 9, "earn[purchases].window.time_from", "17:00"),
    (HEAD + BASE + "window = { active_to = 3 }\n", 9, "earn[purchases].window.active_to", "2026-12-31"),
    (HEAD + BASE + '[expiry]\nkind = "after"\n', 10, "expiry.kind", "after_months"),
    (HEAD + BASE + "[expiry]\nmonths = 3\n", 9, "expiry.kind", "is missing"),
    (HEAD + BASE + '[expiry]\nkind = "end_of_period"\nperiod = "week"\n', 11, "expiry.period", "quarter"),
    (
        HEAD + BASE + '[expiry]\nkind = "fixed_date"\non = 2026-01-01T10:00:00\n',
        11,
        "expiry.on",
        "without a time",
    ),
    (HEAD + BASE + '[returns]\nshortfall = "dept"\n', 10, "returns.shortfall", 'did you mean "debt"'),
    (HEAD + BASE + '[excluded]\nkinds = ["taxes"]\n', 10, "excluded.kinds", 'did you mean "tax"'),
    (HEAD + BASE + '[tiers]\nwindow = "yearly"\n' + TIER, 10, "tiers.window", "rolling, calendar"),
    (HEAD + BASE + "[tiers]\n" + TIER + "perks = [1]\n", 13, "tiers.tier[silver].perks", "list of texts"),
]

TOGETHER: list[Case] = [
    (HEAD + BASE + BASE, 10, "earn[purchases].id", "used already, in line 5"),
    (HEAD + BASE + '[expiry]\nkind = "after_months"\n', 9, "expiry.months", "is missing"),
    (HEAD + BASE + '[expiry]\nkind = "never"\nmonths = 3\n', 11, "expiry.months", 'kind = "never"'),
    (HEAD + BASE + '[pending]\ndays = 14\nawaits = "delivered"\n', 11, "pending.awaits", "either for a time"),
    (HEAD + BASE + "[pending]\n", 9, "pending", "needs either"),
    (HEAD + BONUS.replace("= 5", "= 1.5"), 8, "earn[b].points", "whole number"),
    (HEAD + BONUS + "per = 2\n", 9, "earn[b].per", 'no meaning with type = "bonus"'),
    (HEAD + BONUS + "factor = 2\n", 9, "earn[b].factor", "no meaning"),
    (HEAD + BONUS + 'rounding = "ceil"\n', 9, "earn[b].rounding", "no meaning"),
    (HEAD + BONUS.replace("bonus", "event"), 5, "earn[b].event", "is missing"),
    (
        HEAD + BONUS.replace("bonus", "event") + 'event = "x"\nbasket_min = 5\n',
        10,
        "earn[b].basket_min",
        "no meaning",
    ),
    (HEAD + BONUS + 'event = "x"\n', 9, "earn[b].event", "no meaning"),
    (HEAD + '[[earn]]\nid = "m"\ntype = "multiplier"\nfactor = 2\n', 7, "earn[m].type", "multiplies nothing"),
    (
        HEAD + BASE + '[[earn]]\nid = "m"\ntype = "multiplier"\nfactor = 0.5\n',
        12,
        "earn[m].factor",
        "at least 1",
    ),
    (HEAD + BASE + '[[earn]]\nid = "m"\ntype = "multiplier"\n', 9, "earn[m].factor", "is missing"),
    (HEAD + BASE + 'audience = { tiers = ["gold"] }\n', 9, "earn[purchases].audience.tiers", "not defined"),
    (
        HEAD + BASE + 'audience = { tiers = ["silvr"] }\n[tiers]\n' + TIER,
        9,
        "earn[purchases].audience.tiers",
        'did you mean "silver"',
    ),
    (
        HEAD + BASE + 'match = { skus = ["a"], not_skus = ["a"] }\n',
        9,
        "earn[purchases].match.not_skus",
        "names a, which skus wants",
    ),
    (
        HEAD + BASE + 'match = { skus = ["a"] }\n[excluded]\nskus = ["a", "b"]\n',
        9,
        "earn[purchases].match",
        "can never hold",
    ),
    (HEAD + BASE + '[excluded]\nkinds = ["product"]\n', 10, "excluded.kinds", "nothing would earn"),
    (
        HEAD + BASE + "window = { active_from = 2026-02-01, active_to = 2026-02-01 }\n",
        9,
        "earn[purchases].window.active_to",
        "later than active_from",
    ),
    (
        HEAD + BASE + 'window = { time_from = "10:00", time_to = "10:00" }\n',
        9,
        "earn[purchases].window.time_to",
        "never hold",
    ),
    (
        HEAD + BASE + 'caps = [\n{ scope = "member", period = "day", points = 5 },\n'
        '{ scope = "member", period = "day", points = 6 }]\n',
        11,
        "earn[purchases].caps[#2]",
        "repeats the cap",
    ),
    (
        HEAD + BASE + 'caps = [{ scope = "member", period = "day" }]\n',
        9,
        "earn[purchases].caps[#1].points",
        "missing",
    ),
    (HEAD + BASE + "[tiers]\n", 9, "tiers.tier", "[[tiers.tier]]"),
    (HEAD + BASE + "[tiers]\n" + TIER + TIER, 14, "tiers.tier[silver].code", "used already, in line 10"),
    (
        HEAD + BASE + "[tiers]\n" + TIER + TIER.replace("silver", "gold"),
        15,
        "tiers.tier[gold].threshold",
        "higher than",
    ),
    (HEAD + BASE + '[tiers]\n[[tiers.tier]]\ncode = "a"\n', 10, "tiers.tier[a].threshold", "is missing"),
    (
        HEAD + BASE + "[tiers]\n" + TIER + "earn_multiplier = 0.5\n",
        13,
        "tiers.tier[silver].earn_multiplier",
        "least 1",
    ),
    (
        HEAD + BASE + '[tiers]\nwindow = "calendar"\nwindow_months = 3\n' + TIER,
        11,
        "tiers.window_months",
        "calendar year",
    ),
    (HEAD + BASE + "qualifying = false\n[tiers]\n" + TIER, 10, "tiers", "no rule is qualifying"),
    (HEAD + BONUS + "[tiers]\n" + TIER, 9, "tiers", "no rule is qualifying"),
]


@pytest.mark.parametrize(("text", "line", "field", "message"), [*SYNTAX, *SHAPE, *VALUES, *TOGETHER])
def test_a_mistake_names_line_and_field_and_what_is_wrong(
    text: str, line: int, field: str, message: str
) -> None:
    problems = check_programme(text)
    assert any((p.line, p.field) == (line, field) and message in p.message for p in problems), problems


def test_all_mistakes_are_told_at_once_in_the_order_of_the_document() -> None:
    text = HEAD.replace("EUR", "EUX") + BASE.replace("= 1", "= 0") + '[expiry]\nkind = "x"\n'
    assert [problem.line for problem in check_programme(text)] == [4, 8, 10]
    with pytest.raises(ProgrammeInvalid) as refused:
        parse_programme(text)
    assert refused.value.extra["problems"][1]["field"] == "earn[purchases].points"
    assert "line 4, programme.currency" in refused.value.detail
    assert "(and 2 more)" in refused.value.detail


def test_lines_are_counted_across_comments_long_lists_and_windows_line_ends() -> None:
    text = HEAD + "# a comment\n" + BASE + 'match = { skus = [\n  "a", # one\n  # none\n  "b"] }\nsku = 1\n'
    [problem] = check_programme(text)
    assert problem.line == 14
    [problem] = check_programme(text.replace("\n", "\r\n"))
    assert problem.line == 14


def test_dotted_and_quoted_keys_are_found_too() -> None:
    text = HEAD + BASE + '"match".brand = ["a"]\n'
    [problem] = check_programme(text)
    assert (problem.line, problem.field) == (9, "earn[purchases].match.brand")
    assert 'did you mean "brands"' in problem.message


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert check_programme("\ufeff" + MINIMAL) == []


def test_a_fixed_date_that_is_past_when_the_programme_begins_is_a_mistake() -> None:
    from datetime import UTC, datetime

    text = HEAD + BASE + 'expiry = { kind = "fixed_date", on = 2026-06-30 }\n'
    assert check_programme(text) == []
    assert check_programme(text, as_of=datetime(2026, 6, 30, 21, 59, tzinfo=UTC)) == []
    [problem] = check_programme(text, as_of=datetime(2026, 6, 30, 22, tzinfo=UTC))
    assert (problem.line, problem.field) == (9, "earn[purchases].expiry.on")
