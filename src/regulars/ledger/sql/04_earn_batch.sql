-- Many credits at once, with exactly the effect of ledger_earn called for each in the order given.
-- Keys must be distinct per wallet within one call. Locks: all wallets named, ascending.
CREATE FUNCTION ledger_earn_batch(
    p_members bigint[], p_currencies text[], p_amounts bigint[], p_occurred_at timestamptz[], p_keys text[],
    p_hashes uuid[], p_expires_at timestamptz[], p_activates_at timestamptz[], p_awaits text[], p_sliding boolean[],
    p_versions integer[], p_rules text[], p_sources text[], p_actor text, p_now timestamptz,
    OUT o_conflict bigint, OUT o_seqs bigint[], OUT o_balances bigint[], OUT o_debts bigint[], OUT o_replayed boolean[]
) LANGUAGE plpgsql
-- Rows are few against the tables, whatever the statistics of a table under load say: look them up by key.
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET jit = off
AS $$
BEGIN
    PERFORM ledger_lock(p_members, p_currencies);

    -- What was answered before. The posting of an earn has one entry, or two where it repaid debt.
    SELECT min(u.n) FILTER (WHERE j.input_hash <> u.hash),
        array_agg(j.seq ORDER BY u.n), array_agg(coalesce(r.balance_after, j.balance_after) ORDER BY u.n),
        array_agg(coalesce(r.debt_after, j.debt_after) ORDER BY u.n), array_agg(j.seq IS NOT NULL ORDER BY u.n)
    INTO o_conflict, o_seqs, o_balances, o_debts, o_replayed
    FROM unnest(p_members, p_currencies, p_keys, p_hashes) WITH ORDINALITY AS u (member, currency, key, hash, n)
    LEFT JOIN ledger_journal j
        ON j.member_id = u.member AND j.currency = u.currency AND j.key = u.key
    LEFT JOIN ledger_journal r
        ON r.member_id = j.member_id AND r.currency = j.currency AND r.seq = j.seq + 1 AND r.posting = j.seq;

    IF o_conflict IS NOT NULL THEN
        -- A refusal changes nothing: not even wallets made a moment ago.
        DELETE FROM ledger_wallet w USING unnest(p_members, p_currencies) AS u (member, currency)
        WHERE w.member_id = u.member AND w.currency = u.currency AND w.version = 0;
        RETURN;
    END IF;

    -- Cumulative sums per wallet: what the first k credits leave of a debt is debt - least(debt, their sum).
    -- The windows stand one in another, not each in a WITH of its own, so that one sort serves them all.
    WITH placed AS MATERIALIZED (
        SELECT r.*, r.debt - least(r.debt, r.active_sum) AS debt_after,
            r.balance + r.active_sum - least(r.debt, r.active_sum) AS balance_after,
            -- Repayments before this credit have entries as well.
            r.version + r.place + count(*) FILTER (WHERE r.repaid > 0) OVER run
                - CASE WHEN r.repaid > 0 THEN 1 ELSE 0 END AS seq
        FROM (
            SELECT c.*, CASE WHEN c.active
                    THEN least(c.debt, c.active_sum) - least(c.debt, c.active_sum - c.amount) ELSE 0 END AS repaid
            FROM (
                SELECT u.*, w.version, w.balance, w.pending, w.held, w.debt, w.sliding_until,
                    coalesce(sum(u.amount) FILTER (WHERE u.active) OVER run, 0)::bigint AS active_sum,
                    coalesce(sum(u.amount) FILTER (WHERE NOT u.active) OVER run, 0)::bigint AS pending_sum,
                    row_number() OVER run AS place
                FROM (
                    SELECT v.*, ledger_is_active(v.activates_at, v.awaits, p_now) AS active
                    FROM unnest(p_members, p_currencies, p_amounts, p_occurred_at, p_keys, p_hashes, p_expires_at,
                        p_activates_at, p_awaits, p_sliding, p_versions, p_rules, p_sources, o_replayed)
                    WITH ORDINALITY AS v (member_id, currency, amount, occurred_at, key, hash, expires_at,
                        activates_at, awaits, sliding, programme_version, rule, source, replayed, n)
                    WHERE NOT v.replayed
                ) AS u
                JOIN ledger_wallet w ON w.member_id = u.member_id AND w.currency = u.currency
                WINDOW run AS (PARTITION BY u.member_id, u.currency ORDER BY u.n ROWS UNBOUNDED PRECEDING)
            ) AS c
        ) AS r
        WINDOW run AS (PARTITION BY r.member_id, r.currency ORDER BY r.n ROWS UNBOUNDED PRECEDING)
    ), entries AS (
        INSERT INTO ledger_journal (
            member_id, currency, seq, posting, kind, debit, credit, amount,
            balance_after, pending_after, held_after, debt_after,
            occurred_at, recorded_at, expires_at, activates_at, awaits, sliding, key, input_hash,
            programme_version, rule, source, actor, lots, lot_amounts
        )
        SELECT member_id, currency, seq, seq, 'earn', 'issued', CASE WHEN active THEN 'active' ELSE 'pending' END,
            amount, balance_after + repaid, pending + pending_sum, held, debt_after + repaid,
            occurred_at, p_now, expires_at, activates_at, awaits, sliding, key, hash,
            programme_version, coalesce(rule, ''), coalesce(source, ''), p_actor, NULL, NULL
        FROM placed
        UNION ALL
        SELECT member_id, currency, seq + 1, seq, 'repay', 'active', 'debt',
            repaid, balance_after, pending + pending_sum, held, debt_after,
            occurred_at, p_now, NULL, NULL, NULL, false, NULL, NULL,
            programme_version, coalesce(rule, ''), coalesce(source, ''), p_actor, ARRAY[seq], ARRAY[repaid]
        FROM placed WHERE repaid > 0
    ), opened AS (
        INSERT INTO ledger_open_lot (member_id, currency, expires_at, opened_at, lot_id, remaining, sliding)
        SELECT member_id, currency,
            CASE WHEN sliding THEN greatest(coalesce(expires_at, 'infinity'), sliding_until)
                ELSE coalesce(expires_at, 'infinity') END,
            coalesce(activates_at, occurred_at), seq, amount - repaid, sliding
        FROM placed WHERE active AND amount > repaid
    ), waiting AS (
        INSERT INTO ledger_pending_lot (
            member_id, currency, lot_id, remaining, occurred_at, activates_at, expires_at, awaits, sliding)
        SELECT member_id, currency, seq, amount, occurred_at, activates_at,
            CASE WHEN sliding AND expires_at IS NOT NULL THEN greatest(expires_at, sliding_until)
                ELSE expires_at END, awaits, sliding
        FROM placed WHERE NOT active
    ), wallets AS (
        UPDATE ledger_wallet w
        SET balance = last.balance_after, pending = w.pending + last.pending_sum, debt = last.debt_after,
            version = last.seq + CASE WHEN last.repaid > 0 THEN 1 ELSE 0 END
        FROM (SELECT DISTINCT ON (member_id, currency) * FROM placed ORDER BY member_id, currency, n DESC) AS last
        WHERE w.member_id = last.member_id AND w.currency = last.currency
    )
    SELECT array_agg(a.seq ORDER BY a.n), array_agg(a.balance ORDER BY a.n), array_agg(a.debt ORDER BY a.n)
    INTO o_seqs, o_balances, o_debts
    FROM (
        SELECT n, seq, balance_after AS balance, debt_after AS debt FROM placed
        UNION ALL
        SELECT u.n, u.seq, u.balance, u.debt
        FROM unnest(o_seqs, o_balances, o_debts, o_replayed) WITH ORDINALITY AS u (seq, balance, debt, replayed, n)
        WHERE u.replayed
    ) AS a;
END;
$$;
