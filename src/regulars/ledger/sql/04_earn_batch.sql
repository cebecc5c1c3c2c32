-- Many credits at once, with exactly the effect of ledger_earn called for each in the order given.
-- Keys must be distinct per wallet within one call. Locks: all wallets named, ascending.
--
-- First the numbers of every new entry are worked out, on narrow rows, and kept in arrays beside the given ones;
-- then each table is written from arrays side by side, without any join. Arrays are unfolded in select lists,
-- which hand rows on one by one; in FROM they would be stored first.
CREATE FUNCTION ledger_earn_batch(
    p_members bigint[], p_currencies text[], p_amounts bigint[], p_occurred_at timestamptz[], p_keys text[],
    p_hashes uuid[], p_expires_at timestamptz[], p_activates_at timestamptz[], p_awaits text[], p_sliding boolean[],
    p_versions integer[], p_rules text[], p_sources text[], p_actor text, p_now timestamptz,
    OUT o_conflict bigint, OUT o_seqs bigint[], OUT o_balances bigint[], OUT o_debts bigint[], OUT o_replayed boolean[]
) LANGUAGE plpgsql
-- Rows are few against the tables, whatever the statistics of a table under load say: look them up by key.
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_memoize = off
SET enable_incremental_sort = off SET jit = off
AS $$
DECLARE
    v_actives boolean[];
    v_pendings bigint[];
    v_helds bigint[];
    v_repaid bigint[];
    v_untils timestamptz[];
BEGIN
    PERFORM ledger_lock(p_members, p_currencies);

    PERFORM FROM (
        SELECT unnest(p_members) AS member, unnest(p_currencies) AS currency, unnest(p_keys) AS key
    ) AS u
    JOIN ledger_journal j ON j.member_id = u.member AND j.currency = u.currency AND j.key = u.key
    LIMIT 1;
    IF FOUND THEN
        SELECT * INTO o_conflict, o_seqs, o_balances, o_debts, o_replayed
        FROM ledger_earn_rest(p_members, p_currencies, p_amounts, p_occurred_at, p_keys, p_hashes, p_expires_at,
            p_activates_at, p_awaits, p_sliding, p_versions, p_rules, p_sources, p_actor, p_now);
        RETURN;
    END IF;

    -- Cumulative sums per wallet: what the first k credits leave of a debt is debt - least(debt, their sum).
    -- The windows stand one in another, so that one sort serves them both.
    SELECT array_agg(p.seq ORDER BY p.n), array_agg(p.balance_after ORDER BY p.n),
        array_agg(p.debt_after ORDER BY p.n), array_agg(false ORDER BY p.n), array_agg(p.active ORDER BY p.n),
        array_agg(p.pending_after ORDER BY p.n), array_agg(p.held ORDER BY p.n), array_agg(p.repaid ORDER BY p.n),
        array_agg(p.sliding_until ORDER BY p.n)
    INTO o_seqs, o_balances, o_debts, o_replayed, v_actives, v_pendings, v_helds, v_repaid, v_untils
    FROM (
        SELECT r.n, r.active, r.repaid, r.held, r.sliding_until, r.pending + r.pending_sum AS pending_after,
            r.debt - least(r.debt, r.active_sum) AS debt_after,
            r.balance + r.active_sum - least(r.debt, r.active_sum) AS balance_after,
            -- Repayments before this credit have entries as well.
            r.version + r.place + count(*) FILTER (WHERE r.repaid > 0) OVER run
                - CASE WHEN r.repaid > 0 THEN 1 ELSE 0 END AS seq
        FROM (
            SELECT c.*, CASE WHEN c.active
                    THEN least(c.debt, c.active_sum) - least(c.debt, c.active_sum - c.amount) ELSE 0 END AS repaid
            FROM (
                SELECT u.member_id, u.currency, u.amount, u.n, u.active, w.version, w.balance::bigint,
                    w.pending::bigint, w.held::bigint, w.debt::bigint, w.sliding_until,
                    coalesce(sum(u.amount) FILTER (WHERE u.active) OVER run, 0)::bigint AS active_sum,
                    coalesce(sum(u.amount) FILTER (WHERE NOT u.active) OVER run, 0)::bigint AS pending_sum,
                    row_number() OVER run AS place
                FROM (
                    SELECT v.member_id, v.currency, v.amount, v.n,
                        ledger_is_active(v.activates_at, v.awaits, p_now) AS active
                    FROM (
                        SELECT unnest(p_members) AS member_id, unnest(p_currencies) AS currency, unnest(p_amounts) AS amount,
                            unnest(p_activates_at) AS activates_at, unnest(p_awaits) AS awaits,
                            generate_series(1, cardinality(p_members)) AS n
                    ) AS v
                ) AS u
                JOIN ledger_wallet w ON w.member_id = u.member_id AND w.currency = u.currency
                WINDOW run AS (PARTITION BY u.member_id, u.currency ORDER BY u.n ROWS UNBOUNDED PRECEDING)
            ) AS c
        ) AS r
        WINDOW run AS (PARTITION BY r.member_id, r.currency ORDER BY r.n ROWS UNBOUNDED PRECEDING)
    ) AS p;

    -- Within a batch of credits a wallet's numbers only rise, and its debt only falls.
    UPDATE ledger_wallet w
    SET balance = last.balance, pending = last.pending, debt = last.debt, version = last.version
    FROM (
        SELECT member_id, currency, max(balance) AS balance, max(pending) AS pending, min(debt) AS debt,
            max(seq + CASE WHEN repaid > 0 THEN 1 ELSE 0 END) AS version
        FROM (
            SELECT unnest(p_members) AS member_id, unnest(p_currencies) AS currency, unnest(o_seqs) AS seq,
                unnest(o_balances) AS balance, unnest(v_pendings) AS pending, unnest(o_debts) AS debt,
                unnest(v_repaid) AS repaid
        ) AS u
        GROUP BY member_id, currency
    ) AS last
    WHERE w.member_id = last.member_id AND w.currency = last.currency;

    INSERT INTO ledger_journal (
        member_id, currency, seq, posting, kind, debit, credit, amount,
        balance_after, pending_after, held_after, debt_after,
        occurred_at, recorded_at, expires_at, activates_at, awaits, sliding, key, input_hash,
        programme_version, rule, source, actor
    )
    SELECT u.member_id, u.currency, u.seq, u.seq, 'earn', 'issued', CASE WHEN u.active THEN 'active' ELSE 'pending' END,
        u.amount, u.balance + u.repaid, u.pending, u.held, u.debt + u.repaid,
        u.occurred_at, p_now, u.expires_at, u.activates_at, u.awaits, u.sliding, u.key, u.hash,
        u.programme_version, coalesce(u.rule, ''), coalesce(u.source, ''), p_actor
    FROM (
        SELECT unnest(p_members) AS member_id, unnest(p_currencies) AS currency, unnest(p_amounts) AS amount,
            unnest(p_occurred_at) AS occurred_at, unnest(p_keys) AS key, unnest(p_hashes) AS hash,
            unnest(p_expires_at) AS expires_at, unnest(p_activates_at) AS activates_at,
            unnest(p_awaits) AS awaits, unnest(p_sliding) AS sliding,
            unnest(p_versions) AS programme_version, unnest(p_rules) AS rule, unnest(p_sources) AS source,
            unnest(o_seqs) AS seq, unnest(o_balances) AS balance, unnest(v_pendings) AS pending,
            unnest(v_helds) AS held, unnest(o_debts) AS debt, unnest(v_repaid) AS repaid,
            unnest(v_actives) AS active
    ) AS u;

    INSERT INTO ledger_open_lot (member_id, currency, expires_at, opened_at, lot_id, remaining, sliding)
    SELECT u.member_id, u.currency,
        CASE WHEN u.sliding THEN greatest(coalesce(u.expires_at, 'infinity'), u.until)
            ELSE coalesce(u.expires_at, 'infinity') END,
        coalesce(u.activates_at, u.occurred_at), u.seq, u.amount - u.repaid, u.sliding
    FROM (
        SELECT unnest(p_members) AS member_id, unnest(p_currencies) AS currency, unnest(p_amounts) AS amount,
            unnest(p_occurred_at) AS occurred_at, unnest(p_expires_at) AS expires_at,
            unnest(p_activates_at) AS activates_at, unnest(p_sliding) AS sliding, unnest(o_seqs) AS seq,
            unnest(v_repaid) AS repaid, unnest(v_actives) AS active, unnest(v_untils) AS until
    ) AS u
    WHERE u.active AND u.amount > u.repaid;

    IF false = ANY (v_actives) THEN
        INSERT INTO ledger_pending_lot (
            member_id, currency, lot_id, remaining, occurred_at, activates_at, expires_at, awaits, sliding)
        SELECT u.member_id, u.currency, u.seq, u.amount, u.occurred_at, u.activates_at,
            CASE WHEN u.sliding AND u.expires_at IS NOT NULL THEN greatest(u.expires_at, u.until)
                ELSE u.expires_at END, u.awaits, u.sliding
        FROM (
            SELECT unnest(p_members) AS member_id, unnest(p_currencies) AS currency, unnest(p_amounts) AS amount,
                unnest(p_occurred_at) AS occurred_at, unnest(p_expires_at) AS expires_at,
                unnest(p_activates_at) AS activates_at, unnest(p_awaits) AS awaits,
                unnest(p_sliding) AS sliding, unnest(o_seqs) AS seq, unnest(v_actives) AS active,
                unnest(v_untils) AS until
        ) AS u
        WHERE NOT u.active;
    END IF;

    IF 0 < ANY (v_repaid) THEN
        INSERT INTO ledger_journal (
            member_id, currency, seq, posting, kind, debit, credit, amount,
            balance_after, pending_after, held_after, debt_after,
            occurred_at, recorded_at, programme_version, rule, source, actor, lots, lot_amounts
        )
        SELECT u.member_id, u.currency, u.seq + 1, u.seq, 'repay', 'active', 'debt', u.repaid,
            u.balance, u.pending, u.held, u.debt,
            u.occurred_at, p_now, u.programme_version, coalesce(u.rule, ''), coalesce(u.source, ''), p_actor,
            ARRAY[u.seq], ARRAY[u.repaid]
        FROM (
            SELECT unnest(p_members) AS member_id, unnest(p_currencies) AS currency,
                unnest(p_occurred_at) AS occurred_at, unnest(p_versions) AS programme_version,
                unnest(p_rules) AS rule, unnest(p_sources) AS source, unnest(o_seqs) AS seq,
                unnest(o_balances) AS balance, unnest(v_pendings) AS pending, unnest(v_helds) AS held,
                unnest(o_debts) AS debt, unnest(v_repaid) AS repaid
        ) AS u
        WHERE u.repaid > 0;
    END IF;
END;
$$;

-- The same where some keys are known: their first answers, and the batch of the others.
CREATE FUNCTION ledger_earn_rest(
    p_members bigint[], p_currencies text[], p_amounts bigint[], p_occurred_at timestamptz[], p_keys text[],
    p_hashes uuid[], p_expires_at timestamptz[], p_activates_at timestamptz[], p_awaits text[], p_sliding boolean[],
    p_versions integer[], p_rules text[], p_sources text[], p_actor text, p_now timestamptz,
    OUT o_conflict bigint, OUT o_seqs bigint[], OUT o_balances bigint[], OUT o_debts bigint[], OUT o_replayed boolean[]
) LANGUAGE plpgsql AS $$
DECLARE
    places bigint[];
    fresh record;
BEGIN
    -- The posting of an earn has one entry, or two where it repaid debt.
    SELECT min(u.n) FILTER (WHERE j.input_hash <> u.hash),
        array_agg(j.seq ORDER BY u.n), array_agg(coalesce(r.balance_after, j.balance_after)::bigint ORDER BY u.n),
        array_agg(coalesce(r.debt_after, j.debt_after)::bigint ORDER BY u.n),
        array_agg(j.seq IS NOT NULL ORDER BY u.n), array_agg(u.n ORDER BY u.n) FILTER (WHERE j.seq IS NULL)
    INTO o_conflict, o_seqs, o_balances, o_debts, o_replayed, places
    FROM unnest(p_members, p_currencies, p_keys, p_hashes) WITH ORDINALITY AS u (member, currency, key, hash, n)
    LEFT JOIN ledger_journal j ON j.member_id = u.member AND j.currency = u.currency AND j.key = u.key
    LEFT JOIN ledger_journal r
        ON r.member_id = j.member_id AND r.currency = j.currency AND r.seq = j.seq + 1 AND r.posting = j.seq;
    IF o_conflict IS NOT NULL THEN
        -- A refusal changes nothing: not even wallets made a moment ago.
        DELETE FROM ledger_wallet w USING unnest(p_members, p_currencies) AS u (member, currency)
        WHERE w.member_id = u.member AND w.currency = u.currency AND w.version = 0;
        RETURN;
    ELSIF places IS NULL THEN
        RETURN;
    END IF;

    SELECT b.* INTO fresh
    FROM (
        SELECT array_agg(member ORDER BY n) AS members, array_agg(currency ORDER BY n) AS currencies,
            array_agg(amount ORDER BY n) AS amounts, array_agg(occurred_at ORDER BY n) AS occurred_at,
            array_agg(key ORDER BY n) AS keys, array_agg(hash ORDER BY n) AS hashes,
            array_agg(expires_at ORDER BY n) AS expires_at, array_agg(activates_at ORDER BY n) AS activates_at,
            array_agg(awaits ORDER BY n) AS awaits, array_agg(sliding ORDER BY n) AS sliding,
            array_agg(version ORDER BY n) AS versions, array_agg(rule ORDER BY n) AS rules,
            array_agg(source ORDER BY n) AS sources
        FROM unnest(p_members, p_currencies, p_amounts, p_occurred_at, p_keys, p_hashes, p_expires_at, p_activates_at,
            p_awaits, p_sliding, p_versions, p_rules, p_sources, o_replayed) WITH ORDINALITY
            AS u (member, currency, amount, occurred_at, key, hash, expires_at, activates_at, awaits, sliding, version,
                rule, source, replayed, n)
        WHERE NOT replayed
    ) AS g
    CROSS JOIN LATERAL ledger_earn_batch(g.members, g.currencies, g.amounts, g.occurred_at, g.keys, g.hashes,
        g.expires_at, g.activates_at, g.awaits, g.sliding, g.versions, g.rules, g.sources, p_actor, p_now) AS b;
    FOR i IN 1 .. cardinality(places) LOOP
        o_seqs[places[i]] := fresh.o_seqs[i];
        o_balances[places[i]] := fresh.o_balances[i];
        o_debts[places[i]] := fresh.o_debts[i];
    END LOOP;
END;
$$;
