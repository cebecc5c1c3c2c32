-- What time brings. Wallets that are locked by others are skipped and met again on the next run; nobody waits.

CREATE TYPE ledger_sweep AS (wallets bigint, items bigint, points bigint, more boolean);

-- Lots that are due lapse: one entry per wallet and expiry, as ledger_lapse writes it. p_limit counts lots found;
-- a wallet's due lots go together.
CREATE FUNCTION ledger_expire_due(p_now timestamptz, p_limit bigint)
RETURNS ledger_sweep LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    members bigint[];
    currencies text[];
    found bigint;
    swept ledger_sweep;
BEGIN
    SELECT array_agg(s.member_id), array_agg(s.currency), sum(s.lots) INTO members, currencies, found
    FROM (
        SELECT l.member_id, l.currency, count(*) AS lots
        FROM (
            SELECT w.member_id, w.currency
            FROM ledger_open_lot d
            JOIN ledger_wallet w ON w.member_id = d.member_id AND w.currency = d.currency
            WHERE d.expires_at <= p_now AND d.expires_at < 'infinity'
            ORDER BY d.expires_at LIMIT p_limit
            FOR UPDATE OF w SKIP LOCKED
        ) AS l
        GROUP BY l.member_id, l.currency
    ) AS s;

    -- A new statement, younger than the locks.
    WITH gone AS (
        DELETE FROM ledger_open_lot l
        USING unnest(members, currencies) AS u (member_id, currency)
        WHERE l.member_id = u.member_id AND l.currency = u.currency AND l.expires_at <= p_now
        RETURNING l.member_id, l.currency, l.expires_at, l.opened_at, l.lot_id, l.remaining
    ), due AS MATERIALIZED (
        SELECT member_id, currency, expires_at, sum(remaining)::bigint AS amount, count(*) AS lots_count,
            array_agg(lot_id ORDER BY opened_at, lot_id) AS lots,
            array_agg(remaining ORDER BY opened_at, lot_id) AS lot_amounts,
            row_number() OVER run AS place, sum(sum(remaining)) OVER run AS amount_sum
        FROM gone GROUP BY member_id, currency, expires_at
        WINDOW run AS (PARTITION BY member_id, currency ORDER BY expires_at ROWS UNBOUNDED PRECEDING)
    ), entries AS (
        INSERT INTO ledger_journal (
            member_id, currency, seq, posting, kind, debit, credit, amount,
            balance_after, pending_after, held_after, debt_after,
            occurred_at, recorded_at, expires_at, source, actor, lots, lot_amounts
        )
        SELECT d.member_id, d.currency, w.version + d.place, w.version + d.place, 'expire', 'active', 'expired', d.amount,
            w.balance - d.amount_sum, w.pending, w.held, w.debt,
            d.expires_at, p_now, d.expires_at, 'expiry', 'system', d.lots, d.lot_amounts
        FROM due d JOIN ledger_wallet w ON w.member_id = d.member_id AND w.currency = d.currency
    ), wallets AS (
        UPDATE ledger_wallet w SET balance = w.balance - s.amount, version = w.version + s.entries
        FROM (
            SELECT member_id, currency, sum(amount) AS amount, count(*) AS entries FROM due GROUP BY member_id, currency
        ) AS s
        WHERE w.member_id = s.member_id AND w.currency = s.currency
    )
    SELECT count(DISTINCT (member_id, currency)), coalesce(sum(lots_count), 0), coalesce(sum(amount), 0), found >= p_limit
    INTO swept FROM due;
    swept.more := coalesce(swept.more, false);
    RETURN swept;
END;
$$;

-- Pending credits whose time has come become active, as of that time.
CREATE FUNCTION ledger_activate_due(p_now timestamptz, p_limit bigint) RETURNS ledger_sweep LANGUAGE plpgsql AS $$
DECLARE
    locked record;
    due record;
    w ledger_wallet;
    swept ledger_sweep := ROW(0, 0, 0, false);
    found bigint := 0;
BEGIN
    FOR locked IN
        SELECT s.member_id, s.currency, count(*) AS lots
        FROM (
            SELECT own.member_id, own.currency
            FROM ledger_pending_lot d
            JOIN ledger_wallet own ON own.member_id = d.member_id AND own.currency = d.currency
            WHERE d.activates_at <= p_now
            ORDER BY d.activates_at LIMIT p_limit
            FOR UPDATE OF own SKIP LOCKED
        ) AS s
        GROUP BY s.member_id, s.currency
    LOOP
        found := found + locked.lots;
        SELECT * INTO w FROM ledger_wallet WHERE member_id = locked.member_id AND currency = locked.currency;
        swept.wallets := swept.wallets + 1;
        FOR due IN
            SELECT p.lot_id, p.activates_at, p.expires_at, p.remaining, e.source, e.rule, e.programme_version
            FROM ledger_pending_lot p
            JOIN ledger_journal e ON e.member_id = p.member_id AND e.currency = p.currency AND e.seq = p.lot_id
            WHERE p.member_id = w.member_id AND p.currency = w.currency AND p.activates_at <= p_now
            ORDER BY p.activates_at, p.lot_id
        LOOP
            w := ledger_activate_lot(w, ROW(due.activates_at, p_now, 'system', due.source, '', due.rule,
                due.programme_version)::ledger_why, due.lot_id, due.expires_at, NULL, NULL);
            swept.items := swept.items + 1;
            swept.points := swept.points + due.remaining;
        END LOOP;
        PERFORM ledger_keep(w);
    END LOOP;
    swept.more := found >= p_limit;
    RETURN swept;
END;
$$;

-- Holds that nobody captured in time are released, as of that time.
CREATE FUNCTION ledger_release_due(p_now timestamptz, p_limit bigint) RETURNS ledger_sweep LANGUAGE plpgsql AS $$
DECLARE
    locked record;
    hold ledger_open_hold;
    w ledger_wallet;
    swept ledger_sweep := ROW(0, 0, 0, false);
    found bigint := 0;
BEGIN
    FOR locked IN
        SELECT s.member_id, s.currency, count(*) AS holds
        FROM (
            SELECT own.member_id, own.currency
            FROM ledger_open_hold d
            JOIN ledger_wallet own ON own.member_id = d.member_id AND own.currency = d.currency
            WHERE d.times_out_at <= p_now
            ORDER BY d.times_out_at LIMIT p_limit
            FOR UPDATE OF own SKIP LOCKED
        ) AS s
        GROUP BY s.member_id, s.currency
    LOOP
        found := found + locked.holds;
        SELECT * INTO w FROM ledger_wallet WHERE member_id = locked.member_id AND currency = locked.currency;
        swept.wallets := swept.wallets + 1;
        FOR hold IN
            SELECT * FROM ledger_open_hold
            WHERE member_id = w.member_id AND currency = w.currency AND times_out_at <= p_now
            ORDER BY times_out_at, hold_seq
        LOOP
            w := ledger_release_hold(w, hold, ROW(hold.times_out_at, p_now, 'system', 'hold:timeout', '', '',
                NULL)::ledger_why, NULL, NULL);
            swept.items := swept.items + 1;
            swept.points := swept.points + hold.remaining;
        END LOOP;
        PERFORM ledger_keep(w);
    END LOOP;
    swept.more := found >= p_limit;
    RETURN swept;
END;
$$;
