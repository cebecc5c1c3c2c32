"""Members with three orders, three entries of the journal and two events each, over a year."""

from datetime import UTC, datetime

from bench.bench_console.fill import _MEMBERS, PROGRAMME
from bench.bench_ledger.house import connect
from bench.pgbench import Server
from regulars.catalogue.facade import RewardInput, RewardKind, save_reward
from regulars.kit.actor import SYSTEM
from regulars.rules.facade import publish_programme

NOW = datetime.now(UTC).replace(microsecond=0)
# A member's number decides when they buy: a spread over the year that no index order follows.
_WHEN = "%(now)s - make_interval(mins => ((n * 7919 + k * 104729) %% 525600)::int)"
_EACH = "generate_series(%(low)s::bigint, %(high)s::bigint) AS n, generate_series(1, {each}) AS k"
STATEMENTS = (
    f"""
    INSERT INTO activity_order (
        id, member_id, external_id, occurred_at, recorded_at, recorded_by, currency, amount, lines_count,
        store, channel, attributes, simulated, fingerprint, returned_amount, returned_whole
    )
    SELECT n * 3 + k - 3, n, 'o' || n || '-' || k, {_WHEN}, %(now)s, 'import:bench', 'EUR',
        500 + (n * 31 + k * 17) %% 9000, 1, (ARRAY['north', 'south', 'web'])[1 + (n + k) %% 3], '', '{{}}',
        false, '', 0, false
    FROM {_EACH.format(each=3)}
    """,
    f"""
    INSERT INTO activity_orderline (member_id, order_id, line_no, quantity, amount, discount, sku, kind)
    SELECT n, n * 3 + k - 3, 1, 1 + (n + k) %% 3, 500, CASE WHEN (n + k) %% 4 = 0 THEN 50 ELSE 0 END,
        's' || (n * 13 + k) %% 2000, 'product'
    FROM {_EACH.format(each=3)}
    """,
    f"""
    INSERT INTO activity_event (
        member_id, external_id, kind, occurred_at, recorded_at, recorded_by, attributes, simulated,
        fingerprint
    )
    SELECT n, 'e' || n || '-' || k, (ARRAY['view', 'review', 'sign-in'])[1 + (n + k) %% 3], {_WHEN}, %(now)s,
        'import:bench', jsonb_build_object('sku', 's' || (n * 11 + k) %% 2000), false, ''
    FROM {_EACH.format(each=2)}
    """,
    """
    INSERT INTO ledger_wallet (member_id, currency, balance, version)
    SELECT n, 'points', (n * 37) %% 1500, 3 FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS n
    """,
    f"""
    INSERT INTO ledger_journal (
        member_id, currency, seq, posting, kind, debit, credit, amount, balance_after, pending_after,
        held_after, debt_after, occurred_at, recorded_at, sliding, rule, source, actor, reason
    )
    SELECT n, 'points', k, k, 'earn', 'issued', 'active', 10 + (n + k) %% 90, 100, 0, 0, 0, {_WHEN}, %(now)s,
        false, 'base', 'order:' || n * 3 + k - 3, 'system', ''
    FROM {_EACH.format(each=3)}
    """,
    """
    INSERT INTO ledger_open_lot (member_id, currency, expires_at, opened_at, lot_id, remaining, sliding)
    SELECT n, 'points', %(now)s + make_interval(days => (n %% 500)::int), %(now)s, 1, 1 + n %% 400, false
    FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS n
    """,
    """
    INSERT INTO analytics_member_measure (
        member_id, as_of, r_score, f_score, m_score, rfm_cell, segment, usage_interval_days, orders_count,
        spent_minor, currency, value_method, risk, value_minor, risk_reasons, lifestyles
    )
    SELECT n, %(now)s::date, 1 + n %% 5, 1 + n / 5 %% 5, 1 + n / 25 %% 5, '', '', 5 + n %% 60, 3, 0, 'EUR',
        '', (n %% 100) / 100.0, n %% 50000, '[]', '[]'
    FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS n
    """,
)
_PRODUCTS = """
    INSERT INTO catalogue_product (sku, name, brand, categories, active, updated_at)
    SELECT 's' || n, 'Product ' || n, 'Brand ' || n %% 40, ARRAY['Shelf ' || n %% 25, 'Sort ' || n %% 120],
        true, %(now)s
    FROM generate_series(0, 1999) AS n
"""
# What the measures have found of the shop: who is silent for longer has lapsed.
_REPORT = """
    INSERT INTO analytics_report (kind, scope, as_of, asked_at, made_at, payload, failure)
    VALUES ('overview', '28d', %(now)s::date, %(now)s, %(now)s, '{"interval": {"lapsed_after_days": 90}}', '')
"""
_SEQUENCES = ("members_member", "activity_order", "activity_event")
BLOCK = 100_000


def fill(server: Server, members: int) -> None:
    """Everything, in blocks. Django must be set up on this server."""
    publish_programme(actor=SYSTEM, now=datetime(2020, 1, 1, tzinfo=UTC), text=PROGRAMME)
    for number in range(1, 11):
        told = RewardInput(
            code=f"r{number}", name=f"Reward {number}", kind=RewardKind.GOODS, price_points=150 * number
        )
        save_reward(actor=SYSTEM, now=NOW, reward=told)
    with connect(server) as connection:
        connection.execute(_PRODUCTS, {"now": NOW})  # type: ignore[arg-type]
        connection.execute(_REPORT, {"now": NOW})  # type: ignore[arg-type]
        for statement in (_MEMBERS, *STATEMENTS):
            for low in range(1, members + 1, BLOCK):
                block = {"low": low, "high": min(low + BLOCK - 1, members), "now": NOW}
                connection.execute(statement, block)  # type: ignore[call-overload]
        for table in _SEQUENCES:
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )  # type: ignore[call-overload]
        connection.execute("VACUUM ANALYZE")
