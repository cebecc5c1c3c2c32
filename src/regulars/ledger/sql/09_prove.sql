-- Replay of all history against what is stored. Each function answers the first wrong entry of each wallet;
-- members from p_low to p_high, at most p_limit rows.

CREATE TYPE ledger_problem AS (member_id bigint, currency text, seq bigint, what text);

-- The journal alone: numbers without gaps, known movements, balances that follow from the amounts.
CREATE FUNCTION ledger_prove_chain(p_low bigint, p_high bigint, p_limit integer)
RETURNS SETOF ledger_problem LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (member_id, currency) member_id, currency, seq, CASE
        WHEN seq <> place THEN format('entry %s is missing', place)
        WHEN NOT known THEN format('a %s does not move points from %s to %s', kind, debit, credit)
        WHEN least(balance, pending, held, debt) < 0 THEN 'history goes below zero'
        WHEN allocated <> amount THEN format('%s points, %s of them allocated to lots', amount, allocated)
        ELSE format('balance after: %s/%s/%s/%s (active/pending/held/debt) is written, %s/%s/%s/%s follows',
            balance_after, pending_after, held_after, debt_after, balance, pending, held, debt)
        END
    FROM (
        SELECT j.*, row_number() OVER run AS place,
            sum(amount * ((credit = 'active')::int - (debit = 'active')::int)) OVER run AS balance,
            sum(amount * ((credit = 'pending')::int - (debit = 'pending')::int)) OVER run AS pending,
            sum(amount * ((credit = 'held')::int - (debit = 'held')::int)) OVER run AS held,
            sum(amount * ((debit = 'debt')::int - (credit = 'debt')::int)) OVER run AS debt,
            CASE
                WHEN lots IS NOT NULL THEN (SELECT sum(part) FROM unnest(lot_amounts) AS part)
                WHEN debit IN ('active', 'held') OR credit = 'active' AND debit IN ('spent', 'held') THEN 0
                ELSE amount END AS allocated,
            (kind, debit, credit) IN (
                ('earn', 'issued', 'active'), ('earn', 'issued', 'pending'), ('activate', 'pending', 'active'),
                ('repay', 'active', 'debt'), ('spend', 'active', 'spent'), ('hold', 'active', 'held'),
                ('capture', 'held', 'spent'), ('release', 'held', 'active'), ('expire', 'active', 'expired'),
                ('reverse', 'pending', 'reversed'), ('reverse', 'active', 'reversed'), ('reverse', 'debt', 'reversed'),
                ('reverse', 'expired', 'reversed'),
                ('waive', 'waived', 'reversed'), ('refund', 'spent', 'active'), ('adjust', 'adjusted', 'active'),
                ('adjust', 'active', 'adjusted'), ('transfer_out', 'active', 'transferred'),
                ('transfer_in', 'transferred', 'active'), ('extend', 'active', 'active'),
                ('restore', 'active', 'active'),
                ('merge_out', 'active', 'transferred'), ('merge_in', 'transferred', 'active'),
                ('merge_out', 'pending', 'transferred'), ('merge_in', 'transferred', 'pending'),
                ('merge_out', 'debt', 'transferred'), ('merge_in', 'transferred', 'debt'),
                ('merge_out', 'expired', 'transferred'), ('merge_in', 'transferred', 'expired')) AS known
        FROM ledger_journal j
        WHERE member_id BETWEEN p_low AND p_high
        WINDOW run AS (PARTITION BY member_id, currency ORDER BY seq ROWS UNBOUNDED PRECEDING)
    ) AS replayed
    WHERE seq <> place OR NOT known OR allocated <> amount
        OR (balance, pending, held, debt) <> (balance_after, pending_after, held_after, debt_after)
        OR least(balance, pending, held, debt) < 0
    ORDER BY member_id, currency, seq LIMIT p_limit;
$$;

-- Every wallet against the sums of its entries.
CREATE FUNCTION ledger_prove_wallets(p_low bigint, p_high bigint, p_limit integer)
RETURNS SETOF ledger_problem LANGUAGE sql STABLE AS $$
    WITH replayed AS (
        SELECT member_id, currency, count(*) AS version,
            sum(amount * ((credit = 'active')::int - (debit = 'active')::int)) AS balance,
            sum(amount * ((credit = 'pending')::int - (debit = 'pending')::int)) AS pending,
            sum(amount * ((credit = 'held')::int - (debit = 'held')::int)) AS held,
            sum(amount * ((debit = 'debt')::int - (credit = 'debt')::int)) AS debt,
            max(expires_at) FILTER (WHERE kind = 'extend' AND sliding) AS sliding_until
        FROM ledger_journal WHERE member_id BETWEEN p_low AND p_high GROUP BY member_id, currency
    )
    SELECT member_id, currency, NULL::bigint, format(
        'wallet: %s/%s/%s/%s (active/pending/held/debt) after %s entries is stored, %s/%s/%s/%s after %s entries follows',
        w.balance, w.pending, w.held, w.debt, w.version, r.balance, r.pending, r.held, r.debt, r.version)
    FROM (SELECT * FROM ledger_wallet WHERE member_id BETWEEN p_low AND p_high) AS w
    FULL JOIN replayed r USING (member_id, currency)
    WHERE (w.balance, w.pending, w.held, w.debt, w.version, w.sliding_until)
        IS DISTINCT FROM (coalesce(r.balance, 0), coalesce(r.pending, 0), coalesce(r.held, 0), coalesce(r.debt, 0),
            coalesce(r.version, 0), r.sliding_until)
    ORDER BY member_id, currency LIMIT p_limit;
$$;

-- What every lot was given and what was taken from it, entry by entry, against the lots that are open.
CREATE FUNCTION ledger_prove_lots(p_low bigint, p_high bigint, p_limit integer)
RETURNS SETOF ledger_problem LANGUAGE sql STABLE AS $$
    WITH moved AS (
        SELECT member_id, currency, seq, CASE WHEN kind = 'activate' THEN refers_to ELSE seq END AS lot, amount
        FROM ledger_journal
        WHERE member_id BETWEEN p_low AND p_high AND credit = 'active' AND lots IS NULL
            AND kind IN ('earn', 'adjust', 'transfer_in', 'merge_in', 'activate')
        UNION ALL
        SELECT member_id, currency, seq, refers_to, -amount
        FROM ledger_journal WHERE member_id BETWEEN p_low AND p_high AND kind = 'restore'
        UNION ALL
        SELECT j.member_id, j.currency, j.seq, a.lot, CASE j.credit WHEN 'active' THEN a.part ELSE -a.part END
        FROM ledger_journal j CROSS JOIN LATERAL unnest(j.lots, j.lot_amounts) AS a (lot, part)
        WHERE j.member_id BETWEEN p_low AND p_high AND j.lots IS NOT NULL AND j.kind <> 'extend'
            AND 'active' IN (j.debit, j.credit)
    ), running AS (
        SELECT member_id, currency, lot, seq, sum(amount) OVER w AS remaining,
            seq = max(seq) OVER (PARTITION BY member_id, currency, lot) AS last
        FROM moved WINDOW w AS (PARTITION BY member_id, currency, lot ORDER BY seq)
    ), stored AS (
        SELECT member_id, currency, lot_id AS lot, sum(remaining) AS remaining
        FROM ledger_open_lot WHERE member_id BETWEEN p_low AND p_high GROUP BY member_id, currency, lot_id
    ), lapsed AS (
        SELECT j.member_id, j.currency, j.seq, a.lot, sum(CASE j.credit WHEN 'expired' THEN a.part ELSE -a.part END)
            OVER (PARTITION BY j.member_id, j.currency, a.lot ORDER BY j.seq) AS unbooked
        FROM ledger_journal j CROSS JOIN LATERAL unnest(j.lots, j.lot_amounts) AS a (lot, part)
        WHERE j.member_id BETWEEN p_low AND p_high AND j.lots IS NOT NULL AND 'expired' IN (j.debit, j.credit)
    ), wrong AS (
        SELECT member_id, currency, seq, format('lot %s: more is taken than it has', lot) AS what
        FROM running WHERE remaining < 0
        UNION ALL
        SELECT member_id, currency, seq, format('lot %s: more is taken back as lapsed than did lapse', lot)
        FROM lapsed WHERE unbooked < 0
        UNION ALL
        SELECT member_id, currency, r.seq, format('lot %s: %s points are open, %s follow from history', lot,
            coalesce(s.remaining, 0), coalesce(r.remaining, 0))
        FROM stored s FULL JOIN (SELECT * FROM running WHERE last) AS r USING (member_id, currency, lot)
        WHERE coalesce(s.remaining, 0) <> coalesce(r.remaining, 0)
    )
    SELECT DISTINCT ON (member_id, currency) member_id, currency, seq, what
    FROM wrong ORDER BY member_id, currency, seq LIMIT p_limit;
$$;

-- When every open lot was opened and when it lapses.
CREATE FUNCTION ledger_prove_terms(p_low bigint, p_high bigint, p_limit integer)
RETURNS SETOF ledger_problem LANGUAGE sql STABLE AS $$
    WITH grace AS (
        SELECT DISTINCT ON (j.member_id, j.currency, lot) j.member_id, j.currency, lot, j.expires_at
        FROM ledger_journal j CROSS JOIN LATERAL unnest(j.lots) AS lot
        WHERE j.member_id BETWEEN p_low AND p_high AND j.kind = 'extend' AND NOT j.sliding
        ORDER BY j.member_id, j.currency, lot, j.seq DESC
    ), expected AS (
        SELECT l.member_id, l.currency, l.lot_id, l.opened_at, l.expires_at, l.sliding, o.seq,
            coalesce(a.occurred_at, o.activates_at, o.occurred_at) AS opened_at_then,
            greatest(
                coalesce(g.expires_at, CASE WHEN a.seq IS NULL THEN o.expires_at ELSE a.expires_at END, 'infinity'),
                CASE WHEN o.sliding THEN w.sliding_until END) AS expires_at_then,
            o.sliding AS sliding_then
        FROM ledger_open_lot l
        LEFT JOIN ledger_wallet w ON w.member_id = l.member_id AND w.currency = l.currency
        LEFT JOIN ledger_journal o ON o.member_id = l.member_id AND o.currency = l.currency AND o.seq = l.lot_id
        LEFT JOIN ledger_journal a
            ON a.member_id = l.member_id AND a.currency = l.currency AND a.refers_to = l.lot_id AND a.kind = 'activate'
        LEFT JOIN grace g ON g.member_id = l.member_id AND g.currency = l.currency AND g.lot = l.lot_id
        WHERE l.member_id BETWEEN p_low AND p_high
    )
    SELECT DISTINCT ON (member_id, currency) member_id, currency, lot_id, format(
        'lot %s: opened %s, lapses %s, sliding %s is stored; opened %s, lapses %s, sliding %s follows from history',
        lot_id, opened_at, expires_at, sliding, opened_at_then, expires_at_then, sliding_then)
    FROM expected
    WHERE (opened_at, expires_at, sliding) IS DISTINCT FROM (opened_at_then, expires_at_then, sliding_then)
    ORDER BY member_id, currency, lot_id LIMIT p_limit;
$$;

-- Pending lots and open holds.
CREATE FUNCTION ledger_prove_waiting(p_low bigint, p_high bigint, p_limit integer)
RETURNS SETOF ledger_problem LANGUAGE sql STABLE AS $$
    WITH pending AS (
        SELECT e.member_id, e.currency, e.seq AS lot_id,
            e.amount - coalesce(sum(CASE d.debit WHEN 'pending' THEN d.amount ELSE -d.amount END), 0) AS remaining,
            e.occurred_at, e.activates_at,
            CASE WHEN e.sliding AND e.expires_at IS NOT NULL THEN greatest(e.expires_at, max(w.sliding_until))
                ELSE e.expires_at END AS expires_at, e.awaits, e.sliding
        FROM ledger_journal e
        LEFT JOIN ledger_journal d ON d.member_id = e.member_id AND d.currency = e.currency AND d.refers_to = e.seq
            AND 'pending' IN (d.debit, d.credit)
        LEFT JOIN ledger_wallet w ON w.member_id = e.member_id AND w.currency = e.currency
        WHERE e.member_id BETWEEN p_low AND p_high AND e.credit = 'pending' AND e.lots IS NULL
        GROUP BY e.member_id, e.currency, e.seq
    ), holds AS (
        SELECT member_id, currency, hold_seq, sum(remaining) AS remaining,
            array_agg(lot ORDER BY place) FILTER (WHERE remaining > 0) AS lots,
            array_agg(remaining ORDER BY place) FILTER (WHERE remaining > 0) AS lot_amounts
        FROM (
            SELECT j.member_id, j.currency, coalesce(j.refers_to, j.seq) AS hold_seq, a.lot,
                min(a.n) FILTER (WHERE j.kind = 'hold') AS place,
                sum(CASE j.kind WHEN 'hold' THEN a.part ELSE -a.part END)::bigint AS remaining
            FROM ledger_journal j
            CROSS JOIN LATERAL unnest(j.lots, j.lot_amounts) WITH ORDINALITY AS a (lot, part, n)
            WHERE j.member_id BETWEEN p_low AND p_high AND 'held' IN (j.debit, j.credit)
            GROUP BY j.member_id, j.currency, coalesce(j.refers_to, j.seq), a.lot
        ) AS parts
        GROUP BY member_id, currency, hold_seq
    ), wrong AS (
        SELECT member_id, currency, lot_id AS seq, format('pending lot %s: %s points stored, %s follow from history',
            lot_id, coalesce(s.remaining, 0), coalesce(p.remaining, 0)) AS what
        FROM (SELECT * FROM ledger_pending_lot WHERE member_id BETWEEN p_low AND p_high) AS s
        FULL JOIN (SELECT * FROM pending WHERE remaining <> 0) AS p USING (member_id, currency, lot_id)
        WHERE (s.remaining, s.occurred_at, s.activates_at, s.expires_at, s.awaits, s.sliding)
            IS DISTINCT FROM (p.remaining, p.occurred_at, p.activates_at, p.expires_at, p.awaits, p.sliding)
        UNION ALL
        SELECT member_id, currency, hold_seq, format('hold %s: %s points stored, %s follow from history',
            hold_seq, coalesce(s.remaining, 0), coalesce(h.remaining, 0))
        FROM (SELECT * FROM ledger_open_hold WHERE member_id BETWEEN p_low AND p_high) AS s
        FULL JOIN (SELECT * FROM holds WHERE remaining <> 0) AS h USING (member_id, currency, hold_seq)
        WHERE (s.remaining, s.lots, s.lot_amounts) IS DISTINCT FROM (h.remaining, h.lots, h.lot_amounts)
    )
    SELECT DISTINCT ON (member_id, currency) member_id, currency, seq, what
    FROM wrong ORDER BY member_id, currency, seq LIMIT p_limit;
$$;

-- Nothing is reversed or refunded beyond what it refers to.
CREATE FUNCTION ledger_prove_reversals(p_low bigint, p_high bigint, p_limit integer)
RETURNS SETOF ledger_problem LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (back.member_id, back.currency) back.member_id, back.currency, back.seq,
        format('entries that refer to %s take back %s of its %s points', back.refers_to, back.amount, coalesce(e.amount, 0))
    FROM (
        SELECT member_id, currency, refers_to, seq, sum(amount) OVER w AS amount,
            CASE kind WHEN 'refund' THEN ARRAY['spend', 'capture'] ELSE ARRAY['earn', 'adjust'] END AS kinds
        FROM ledger_journal
        WHERE member_id BETWEEN p_low AND p_high AND refers_to IS NOT NULL AND kind IN ('reverse', 'waive', 'refund')
        WINDOW w AS (PARTITION BY member_id, currency, refers_to ORDER BY seq)
    ) AS back
    LEFT JOIN ledger_journal e ON e.member_id = back.member_id AND e.currency = back.currency
        AND e.seq = back.refers_to AND e.kind = ANY (back.kinds)
    WHERE back.amount > coalesce(e.amount, 0)
    ORDER BY back.member_id, back.currency, back.seq LIMIT p_limit;
$$;
