-- What time brings. Wallets that are locked by others are skipped and met again on the next run; nobody waits.

CREATE TYPE ledger_sweep AS (wallets bigint, items bigint, points bigint, more boolean);

-- Lots that are due lapse: one entry per wallet and expiry, as ledger_lapse writes it. p_limit counts lots found;
-- a wallet's due lots go together. What the locked wallets say holds until we update them.
CREATE FUNCTION ledger_expire_due(p_now timestamptz, p_limit bigint)
RETURNS ledger_sweep LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_memoize = off
SET enable_incremental_sort = off SET jit = off
AS $$
DECLARE
    members bigint[];
    currencies text[];
    versions bigint[];
    balances bigint[];
    pendings bigint[];
    helds bigint[];
    debts bigint[];
    found bigint;
    swept ledger_sweep;
BEGIN
    SELECT array_agg(s.member_id), array_agg(s.currency), array_agg(s.version), array_agg(s.balance),
        array_agg(s.pending), array_agg(s.held), array_agg(s.debt), sum(s.lots)
    INTO members, currencies, versions, balances, pendings, helds, debts, found
    FROM (
        SELECT l.member_id, l.currency, l.version, l.balance, l.pending, l.held, l.debt, count(*) AS lots
        FROM (
            SELECT w.member_id, w.currency, w.version, w.balance::bigint, w.pending::bigint, w.held::bigint,
                w.debt::bigint
            FROM ledger_open_lot d
            JOIN ledger_wallet w ON w.member_id = d.member_id AND w.currency = d.currency
            WHERE d.expires_at <= p_now AND d.expires_at < 'infinity'
            ORDER BY d.expires_at LIMIT p_limit
            FOR UPDATE OF w SKIP LOCKED
        ) AS l
        GROUP BY l.member_id, l.currency, l.version, l.balance, l.pending, l.held, l.debt
    ) AS s;

    -- A new statement, younger than the locks.
    WITH gone AS (
        DELETE FROM ledger_open_lot l
        USING (
            SELECT unnest(members) AS member_id, unnest(currencies) AS currency,
                generate_series(1, cardinality(members)) AS n
        ) AS u
        WHERE l.member_id = u.member_id AND l.currency = u.currency AND l.expires_at <= p_now
        RETURNING u.n, l.currency, l.expires_at, l.opened_at, l.lot_id, l.remaining::bigint
    ), due AS MATERIALIZED (
        SELECT n, currency, expires_at, sum(remaining)::bigint AS amount, count(*) AS lots_count,
            array_agg(lot_id ORDER BY opened_at, lot_id) AS lots,
            array_agg(remaining ORDER BY opened_at, lot_id) AS lot_amounts,
            row_number() OVER run AS place, (sum(sum(remaining)) OVER run)::bigint AS amount_sum
        FROM gone GROUP BY n, currency, expires_at
        WINDOW run AS (PARTITION BY n ORDER BY expires_at ROWS UNBOUNDED PRECEDING)
    ), entries AS (
        INSERT INTO ledger_journal (
            member_id, currency, seq, posting, kind, debit, credit, amount,
            balance_after, pending_after, held_after, debt_after,
            occurred_at, recorded_at, expires_at, source, actor, lots, lot_amounts
        )
        SELECT members[n], currency, versions[n] + place, versions[n] + place, 'expire', 'active', 'expired', amount,
            balances[n] - amount_sum, pendings[n], helds[n], debts[n],
            expires_at, p_now, expires_at, 'expiry', 'system', lots, lot_amounts
        FROM due
    ), wallets AS (
        UPDATE ledger_wallet w SET balance = balances[s.n] - s.amount, version = versions[s.n] + s.entries
        FROM (SELECT n, currency, max(amount_sum) AS amount, count(*) AS entries FROM due GROUP BY n, currency) AS s
        WHERE w.member_id = members[s.n] AND w.currency = s.currency
    )
    SELECT coalesce(cardinality(members), 0), coalesce(sum(lots_count), 0), coalesce(sum(amount), 0),
        coalesce(found >= p_limit, false)
    INTO swept FROM due;
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
