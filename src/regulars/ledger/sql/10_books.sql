-- The books: what the wallets held at any instant, from the journal alone. An entry is booked when it was recorded,
-- and never before the entry in front of it: so the books of a wallet up to an instant are a prefix of its history,
-- which no later entry changes, even where the clocks of two machines disagree.

-- Every entry with the instant at which it entered the books.
CREATE FUNCTION ledger_books(p_currencies text[]) RETURNS TABLE (
    member_id bigint, currency text, seq bigint, posting bigint, kind text, debit text, credit text, amount bigint,
    occurred_at timestamptz, booked_at timestamptz, refers_to bigint, programme_version integer, rule text,
    source text, actor text
) LANGUAGE sql STABLE AS $$
    SELECT j.member_id, j.currency, j.seq, j.posting, j.kind, j.debit, j.credit, j.amount::bigint, j.occurred_at,
        max(j.recorded_at) OVER (PARTITION BY j.member_id, j.currency ORDER BY j.seq),
        j.refers_to, j.programme_version, j.rule, j.source, j.actor
    FROM ledger_journal j WHERE j.currency = ANY (p_currencies);
$$;

-- What was in the wallets before p_before: one row for each lot and state (active, pending, held), and for what
-- a member owes (debt, without a lot). An expiry of infinity is never; null is not known before the activation.
CREATE FUNCTION ledger_holdings_at(p_before timestamptz, p_currencies text[]) RETURNS TABLE (
    member_id bigint, currency text, lot bigint, state text, points bigint, expires_at timestamptz
) LANGUAGE sql STABLE AS $$
    WITH later AS (
        SELECT l.member_id, l.currency, min(l.seq) AS seq FROM ledger_journal l
        WHERE l.recorded_at >= p_before AND l.currency = ANY (p_currencies) GROUP BY l.member_id, l.currency
    ), booked AS (
        SELECT j.* FROM ledger_journal j
        LEFT JOIN later ON later.member_id = j.member_id AND later.currency = j.currency
        WHERE j.recorded_at < p_before AND j.currency = ANY (p_currencies) AND (later.seq IS NULL OR j.seq < later.seq)
    ), moved AS (
        -- A credit without allocations opens its own lot, an activation moves the whole of one.
        SELECT b.member_id, b.currency, b.kind, b.debit, b.credit, b.expires_at, b.awaits, b.sliding, b.seq,
            CASE WHEN b.kind = 'activate' THEN b.refers_to ELSE b.seq END AS lot, b.amount::bigint AS part
        FROM booked b
        WHERE b.lots IS NULL AND b.credit IN ('active', 'pending', 'held')
        UNION ALL
        SELECT b.member_id, b.currency, b.kind, b.debit, b.credit, b.expires_at, b.awaits, b.sliding, b.seq, a.lot, a.part
        FROM booked b CROSS JOIN LATERAL unnest(b.lots, b.lot_amounts) AS a (lot, part)
        WHERE b.lots IS NOT NULL AND b.debit <> b.credit
        UNION ALL
        -- What stood in for a lot gets its points back from it.
        SELECT b.member_id, b.currency, b.kind, '', b.credit, NULL, NULL, false, b.seq, a.lot, a.part
        FROM booked b CROSS JOIN LATERAL unnest(b.lots, b.lot_amounts) AS a (lot, part)
        WHERE b.kind = 'restore'
        UNION ALL
        SELECT b.member_id, b.currency, b.kind, b.debit, '', NULL, NULL, false, b.seq, b.refers_to, b.amount::bigint
        FROM booked b WHERE b.kind = 'restore'
    ), lots AS (
        SELECT m.member_id, m.currency, m.lot,
            sum(m.part * ((m.credit = 'active')::int - (m.debit = 'active')::int))::bigint AS active,
            sum(m.part * ((m.credit = 'pending')::int - (m.debit = 'pending')::int))::bigint AS pending,
            sum(m.part * ((m.credit = 'held')::int - (m.debit = 'held')::int))::bigint AS held,
            max(m.expires_at) FILTER (WHERE m.seq = m.lot) AS opened_until,
            max(m.awaits) FILTER (WHERE m.seq = m.lot) AS awaits,
            bool_or(m.sliding AND m.seq = m.lot) AS sliding,
            bool_or(m.kind = 'activate') AS activated,
            max(m.expires_at) FILTER (WHERE m.kind = 'activate') AS activated_until
        FROM moved m GROUP BY m.member_id, m.currency, m.lot
    ), slid AS (
        SELECT b.member_id, b.currency, max(b.expires_at) AS until FROM booked b
        WHERE b.kind = 'extend' AND b.sliding GROUP BY b.member_id, b.currency
    ), graced AS (
        SELECT DISTINCT ON (b.member_id, b.currency, lot) b.member_id, b.currency, lot, b.expires_at AS until
        FROM booked b CROSS JOIN LATERAL unnest(b.lots) AS lot
        WHERE b.kind = 'extend' AND NOT b.sliding
        ORDER BY b.member_id, b.currency, lot, b.seq DESC
    )
    SELECT l.member_id, l.currency, l.lot, s.state, s.points, CASE
        WHEN s.state <> 'pending' THEN greatest(
            coalesce(graced.until, CASE WHEN l.activated THEN l.activated_until ELSE l.opened_until END, 'infinity'),
            CASE WHEN l.sliding THEN slid.until END)
        WHEN l.opened_until IS NOT NULL THEN greatest(l.opened_until, CASE WHEN l.sliding THEN slid.until END)
        WHEN l.awaits IS NULL THEN 'infinity'
        END
    FROM lots l
    LEFT JOIN slid ON slid.member_id = l.member_id AND slid.currency = l.currency
    LEFT JOIN graced ON graced.member_id = l.member_id AND graced.currency = l.currency AND graced.lot = l.lot
    CROSS JOIN LATERAL (VALUES ('active', l.active), ('pending', l.pending), ('held', l.held)) AS s (state, points)
    WHERE s.points <> 0
    UNION ALL
    SELECT b.member_id, b.currency, NULL, 'debt',
        sum(CASE 'debt' WHEN b.debit THEN b.amount ELSE -b.amount END)::bigint, NULL
    FROM booked b WHERE 'debt' IN (b.debit, b.credit)
    GROUP BY b.member_id, b.currency
    HAVING sum(CASE 'debt' WHEN b.debit THEN b.amount ELSE -b.amount END) <> 0;
$$;

-- What is stored now, twice over: by the wallets, and by their lots and holds.
CREATE FUNCTION ledger_stored() RETURNS TABLE (currency text, state text, in_wallets bigint, in_lots bigint)
LANGUAGE sql STABLE AS $$
    SELECT currency, s.state, sum(s.in_wallets)::bigint, sum(s.in_lots)::bigint
    FROM (
        SELECT currency, 'active' AS state, sum(balance) AS in_wallets, 0 AS in_lots FROM ledger_wallet GROUP BY currency
        UNION ALL SELECT currency, 'pending', sum(pending), 0 FROM ledger_wallet GROUP BY currency
        UNION ALL SELECT currency, 'held', sum(held), 0 FROM ledger_wallet GROUP BY currency
        UNION ALL SELECT currency, 'debt', sum(debt), sum(debt) FROM ledger_wallet GROUP BY currency
        UNION ALL SELECT currency, 'active', 0, sum(remaining) FROM ledger_open_lot GROUP BY currency
        UNION ALL SELECT currency, 'pending', 0, sum(remaining) FROM ledger_pending_lot GROUP BY currency
        UNION ALL SELECT currency, 'held', 0, sum(remaining) FROM ledger_open_hold GROUP BY currency
    ) AS s GROUP BY currency, s.state;
$$;
