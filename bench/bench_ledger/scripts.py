"""What pgbench runs: the smallest posting, our functions, and our reads."""

from dataclasses import dataclass

from bench.pgbench import Script

MEMBERS, BATCH = 10_000, 1_000
# Members 1 … 10,000 have one lot; 20,001 … 22,000 a hundred; 40,001 … 42,000 three hundred of one point each;
# those above a million one lot that is due.
HUNDRED, ONES, DUE = 20_000, 40_000, 1_000_000
WORDS = "'2026-05-31'::timestamptz"
HASH = "'00000000-0000-0000-0000-000000000000'::uuid"
KEY = "'k' || :k"

LIM_TABLES = f"""
    CREATE TABLE lim_account (id bigint PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 80);
    CREATE TABLE lim_entry (
        id bigserial PRIMARY KEY, account bigint NOT NULL, amount bigint NOT NULL, at timestamptz NOT NULL);
    INSERT INTO lim_account SELECT n, 0 FROM generate_series(1, {MEMBERS}) AS n;
    CREATE FUNCTION lim_post(p_account bigint, p_amount bigint) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        after bigint;
    BEGIN
        UPDATE lim_account SET balance = balance + p_amount WHERE id = p_account RETURNING balance INTO after;
        INSERT INTO lim_entry (account, amount, at) VALUES (p_account, p_amount, now());
        RETURN after;
    END;
    $$;
"""


@dataclass(frozen=True)
class Row:
    """One line of the table: what is measured against what, by pgbench."""

    name: str
    title: str
    ours: Script
    base: Script
    floor: float | None = None
    stretch: float | None = None
    clients: int = 16


def pick(low: int, high: int, how: str = "random") -> str:
    """The pgbench lines that choose a member and a key."""
    skew = ", 1.1" if how == "random_zipfian" else ""
    return f"\\set m {how}({low}, {high}{skew})\n\\set k random(1, 1000000000000)\n"


def lim(low: int = 1, high: int = MEMBERS, how: str = "random") -> Script:
    """The smallest posting."""
    return Script.of(pick(low, high, how) + "SELECT lim_post(:m, 5);\n")


def least_read() -> Script:
    """The smallest read."""
    return Script.of(pick(1, MEMBERS) + "SELECT 1;\n")


def earn(low: int, high: int, how: str = "random") -> str:
    """One award."""
    return pick(low, high, how) + (
        f"SELECT (c.a).* FROM (SELECT ledger_earn(:m, 'points', 10, {WORDS}, {KEY}, {HASH},"
        " '2027-06-01'::timestamptz, NULL, NULL, false, 1, 'base', 'order-1234', 'import-demo',"
        " '2026-06-01'::timestamptz) AS a OFFSET 0) AS c;\n"
    )


def spend(low: int, high: int, amount: int = 1, how: str = "random") -> str:
    """One spend."""
    return pick(low, high, how) + (
        f"SELECT (c.a).* FROM (SELECT ledger_debit('spend', 'spent', :m, 'points', {amount}, {KEY}, {HASH},"
        f" {WORDS}, 1, 'redemption-1234', '', 'member-1', '2026-06-01'::timestamptz) AS a OFFSET 0) AS c;\n"
    )


def batch() -> Script:
    """A thousand awards in one call, to one of ten blocks of a thousand members."""
    return Script.of(
        "\\set b random(0, 9)\n\\set k random(1, 1000000000000)\n"
        f"SELECT ledger_earn_batch(array_agg(:b * {BATCH} + n), array_agg('points'::text),"
        f" array_agg(10::bigint), array_agg({WORDS}), array_agg({KEY} || '-' || n), array_agg({HASH}),"
        " array_agg('2027-06-01'::timestamptz), array_agg(NULL::timestamptz), array_agg(NULL::text),"
        " array_agg(false), array_agg(1), array_agg('base'::text), array_agg('order-1234'::text),"
        f" 'import-demo', '2026-06-01'::timestamptz) FROM generate_series(1, {BATCH}) AS n;\n"
    )


def balance(low: int, high: int) -> Script:
    """A balance, as `get_balance` reads it."""
    return Script.of(
        pick(low, high) + "SELECT w.balance - COALESCE((SELECT sum(l.remaining) FROM ledger_open_lot l"
        " WHERE l.member_id = w.member_id AND l.currency = w.currency"
        " AND l.expires_at <= '2026-06-01'), 0)::bigint, w.pending, w.held, w.debt"
        " FROM ledger_wallet w WHERE w.currency = 'points' AND w.member_id = :m;\n"
    )


def history(low: int, high: int) -> Script:
    """Twenty entries by keyset, from somewhere in the latest hundred."""
    return Script.of(
        pick(low, high) + "\\set s random(30, 100)\n"
        "SELECT seq, posting, kind, debit, credit, amount, balance_after, occurred_at, expires_at,"
        " rule, source, reason, lots, lot_amounts FROM ledger_journal"
        " WHERE member_id = :m AND currency = 'points' AND seq < :s ORDER BY seq DESC LIMIT 20;\n"
    )


def mix(low: int, high: int) -> Script:
    """Four awards to one spend."""
    return Script(((earn(low, high), 4), (spend(low, high), 1)))


ROWS = (
    *(
        Row("lim", f"LIM itself, {clients} clients, to 16", lim(), lim(), clients=clients)
        for clients in (1, 4, 16)
    ),
    Row("earn", "earn", Script.of(earn(1, MEMBERS)), lim(), 0.60, 0.75),
    Row("spend", "spend, 1 open lot", Script.of(spend(1, MEMBERS)), lim(), 0.53, 0.70),
    Row(
        "spend100",
        "spend, 100 open lots",
        Script.of(spend(HUNDRED + 1, HUNDRED + 2_000)),
        lim(1, 2_000),
        *(0.53, 0.70),
    ),
    Row("mix", "mix 80/20", mix(1, MEMBERS), lim(), 0.57, 0.70),
    Row(
        "ten",
        "spend that consumes 10 lots",
        Script.of(spend(ONES + 1, ONES + 2_000, 10)),
        lim(1, 2_000),
        *(0.37, 0.50),
    ),
    Row("hot", "one hot member, to LIM on one hot row", Script.of(earn(7, 7)), lim(7, 7), 0.70, 0.95),
    Row(
        "zipf",
        "Zipf members, to LIM on the same Zipf",
        Script.of(earn(1, MEMBERS, "random_zipfian")),
        lim(how="random_zipfian"),
        *(0.55, 0.70),
    ),
    Row("balance", "balance read, to SELECT 1, 4 clients", balance(1, MEMBERS), least_read(), 0.50, 0.70, 4),
    Row(
        "history",
        "history, 20 rows by keyset, to SELECT 1, 4 clients",
        history(HUNDRED + 1, HUNDRED + 2_000),
        least_read(),
        *(0.28, 0.40, 4),
    ),
)
