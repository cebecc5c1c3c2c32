"""A big shop: members, awards, orders, redemptions and an audit trail, as they lie after a year."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from bench.bench_ledger.house import connect
from bench.bench_ledger.scripts import HASH
from bench.pgbench import Server
from regulars.catalogue.facade import RewardInput, RewardKind, import_codes, save_pool, save_reward
from regulars.kit.actor import SYSTEM
from regulars.rules.facade import publish_programme

NOW = datetime.now(UTC).replace(microsecond=0)
ROUNDS = 10
"""Awards to each member, one a month or so, the latest a few days ago."""
BUSY, BUSY_AWARDS = 1, 5_000
"""A member who has been there every day, and more."""
BLOCK = 1_000
SPENDERS = 5
"""One member of so many has redeemed."""
POOL, POOL_CODES = "reward-0", 10_000
PROGRAMME = """
[programme]
name = "Big"
time_zone = "Europe/Berlin"
currency = "EUR"

[expiry]
kind = "after_months"
months = 18

[[earn]]
id = "base"
name = "Every purchase"
type = "per_amount"
points = 1
per = 1.00
qualifying = true

[tiers]
metric = "points"
window = "rolling"
window_months = 12
[[tiers.tier]]
code = "bronze"
name = "Bronze"
threshold = 0
[[tiers.tier]]
code = "gold"
name = "Gold"
threshold = 400
"""
_GIVEN = "ARRAY['Ann','Ben','Clara','David','Emma','Felix','Greta','Hugo','Ines','Jan','Katja','Leo','Mia']"
_FAMILY = "ARRAY['Nowak','Okafor','Petrov','Quist','Rossi','Schmidt','Tanaka','Ueda','Vogel','Weber','Young']"
_MEMBERS = f"""
    WITH made AS (
        SELECT n, ({_GIVEN})[1 + n %% 13] AS given, ({_FAMILY})[1 + n / 13 %% 11] || n / 5000 AS family
        FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS n
    )
    INSERT INTO members_member (
        id, external_id, given_name, family_name, name_key, name_key_reversed, birthday, joined_at, locale,
        time_zone, attributes
    )
    SELECT n, 'H' || n, given, family, lower(given || ' ' || family), lower(family || ' ' || given),
        date '1950-01-01' + (n %% 20000)::int, %(now)s - make_interval(mins => (n %% 525600)::int), 'en',
        '', '{{}}'
    FROM made
"""
_FIGURES = """
    INSERT INTO members_memberfigures (member_id, points, tier_rank)
    SELECT n, 0, 0 FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS n
"""
_EMAILS = """
    INSERT INTO members_memberidentity (member_id, kind, value)
    SELECT n, 'email', 'person' || n || '@example.org'
    FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS n
"""
_AWARDS = f"""
    SELECT ledger_earn_batch(array_agg(m), array_agg('points'::text), array_agg(amount), array_agg(occurred),
        array_agg('a:' || %(round)s || ':' || n), array_agg({HASH}),
        array_agg(occurred + interval '18 months'), array_agg(NULL::timestamptz), array_agg(NULL::text),
        array_agg(false), array_agg(1), array_agg('base'::text), array_agg('order:' || m), 'import:bench',
        %(now)s)
    FROM (
        SELECT m, n, (10 + (m * 7 + n * 13) %% 90)::bigint AS amount,
            %(now)s - make_interval(mins => (m %% 40000)::int) AS occurred
        FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS m, generate_series(1, %(each)s::int) AS n
    ) AS s
"""
_ORDERS = """
    INSERT INTO activity_order (
        id, member_id, external_id, occurred_at, recorded_at, recorded_by, currency, amount, lines_count,
        store, channel, attributes, simulated, fingerprint, returned_amount, returned_whole
    )
    SELECT n, n, 'web-' || n, %(now)s, %(now)s, 'import:bench', 'EUR', 1000 + n %% 9000, 1, '',
        '', '{}', false, '', 0, false
    FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS n
"""
_SPENDS = f"""
    WITH spent AS MATERIALIZED (
        SELECT c.m, (c.r).seq FROM (
            SELECT m, ledger_debit('spend', 'spent', m, 'points', 50, 'r:' || m, {HASH}, %(now)s, 1,
                'redemption:' || m, '', 'member:' || m, %(now)s) AS r
            FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS m WHERE m %% {SPENDERS} = 0 OFFSET 0
        ) AS c
    )
    INSERT INTO redemption_redemption (
        id, member_id, reward_id, reference, state, price_points, price_money, counted, instant,
        cancellable_for_hours, refundable_when_fulfilled, programme_version, spend_seq, reserved_at,
        confirmed_at, cancel_reason, simulated, refunded_points, idempotency_key, input_hash
    )
    SELECT m, m, (SELECT id FROM catalogue_reward ORDER BY id OFFSET m %% 20 LIMIT 1), 'R' || m, 'confirmed',
        50, 0, false, false, 0, false, 1, seq, %(now)s, %(now)s, '', false, 0, 'r:' || m, ''
    FROM spent
"""
_AUDIT = """
    INSERT INTO trail_auditentry (recorded_at, actor_kind, actor_ref, action, subject, reason, details)
    SELECT %(now)s, 'operator', (1 + n %% 7)::text,
        (ARRAY['points.adjusted', 'member.changed', 'reward.saved'])[1 + n %% 3], 'member:' || n, 'because',
        '{}'
    FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS n WHERE n %% 3 = 0
"""


def fill(server: Server, members: int) -> None:
    """Everything, by two connections side by side. Django must be set up on this server."""
    _furnish()
    month = timedelta(days=30)
    for statement in (_MEMBERS, _FIGURES, _EMAILS, _ORDERS):
        _spread(server, members, statement, now=NOW - ROUNDS * month, size=20_000)
    for number in range(ROUNDS):
        print(f"  round {number + 1} of {ROUNDS}", flush=True)
        _spread(server, members, _AWARDS, now=NOW - (ROUNDS - number) * month, round=number, each=1)
    with connect(server) as connection:
        busy = {
            "low": BUSY,
            "high": BUSY,
            "each": BUSY_AWARDS,
            "round": ROUNDS,
            "now": NOW - timedelta(days=5),
        }
        connection.execute(_AWARDS, busy)  # type: ignore[arg-type]
    for statement in (_SPENDS, _AUDIT):
        _spread(server, members, statement, now=NOW - timedelta(days=2))
    with connect(server) as connection:
        for table in ("members_member", "members_memberidentity", "activity_order", "redemption_redemption"):
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )  # type: ignore[call-overload]
        connection.execute("VACUUM ANALYZE")


def _spread(server: Server, members: int, statement: str, *, size: int = BLOCK, **values: object) -> None:
    def run(low: int, high: int) -> None:
        with connect(server) as connection:
            for start in range(low, high + 1, size):
                block = values | {"low": start, "high": min(start + size - 1, high)}
                connection.execute(statement, block)  # type: ignore[call-overload]

    middle = members // 2
    halves: list[tuple[int, int]] = [(1, middle), (middle + 1, members)]
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run, *half) for half in halves]:
            done.result()


def _furnish() -> None:
    earlier = NOW - timedelta(days=400)
    publish_programme(actor=SYSTEM, now=earlier, text=PROGRAMME)
    for number in range(20):
        reward = RewardInput(
            code=f"reward-{number}",
            name=f"Reward {number}",
            kind=RewardKind.GOODS,
            price_points=50 * (number + 1),
        )
        save_reward(actor=SYSTEM, now=earlier, reward=reward)
    # Named like a reward, so that one example of a code fits the addresses of both.
    save_pool(actor=SYSTEM, now=earlier, code=POOL, name="Vouchers")
    codes = [f"V-{number}" for number in range(POOL_CODES)]
    import_codes(actor=SYSTEM, now=earlier, pool=POOL, codes=codes)
