-- Taking back what was given, and giving back what was taken. Locks: the wallet's row, then its lots.

-- Reverse part or all of a credit: from pending, its own lot, what of that lot has lapsed (gone already, so no
-- balance changes), other lots, then by p_shortfall (pending_only | balance_only | debt). What may not be taken is
-- logged as waived: nothing is dropped.
CREATE FUNCTION ledger_reverse(
    p_member bigint, p_currency text, p_seq bigint, p_amount bigint, p_shortfall text, p_key text, p_hash uuid,
    p_occurred_at timestamptz, p_source text, p_reason text, p_actor text, p_now timestamptz
) RETURNS ledger_reversal LANGUAGE plpgsql AS $$
DECLARE
    w ledger_wallet;
    earned ledger_journal;
    waiting ledger_pending_lot;
    answer ledger_reversal;
    why ledger_why;
    own ledger_taken;
    others ledger_taken;
    missing bigint := p_amount;
    followed ledger_merged := ledger_lock_merged(p_member, p_currency);
BEGIN
    SELECT * INTO w FROM ledger_wallet WHERE member_id = p_member AND currency = p_currency FOR UPDATE;
    IF NOT FOUND THEN
        answer.status := 'not_found';
        RETURN answer;
    END IF;
    answer := ledger_reversal_answer(p_member, p_currency, p_key, p_hash);
    IF answer.status IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO earned FROM ledger_journal WHERE member_id = p_member AND currency = p_currency AND seq = p_seq;
    answer.status := CASE WHEN NOT FOUND THEN 'not_found'
        WHEN earned.kind = 'earn' OR (earned.kind = 'adjust' AND earned.credit = 'active') THEN 'posted'
        ELSE 'not_reversible' END;
    IF answer.status <> 'posted' THEN
        RETURN answer;
    END IF;
    answer.amount := earned.amount - (
        SELECT coalesce(sum(amount), 0) FROM ledger_journal
        WHERE member_id = p_member AND currency = p_currency AND refers_to = p_seq AND kind IN ('reverse', 'waive'));
    IF answer.amount < p_amount THEN
        answer.status := 'reversal_too_large';
        RETURN answer;
    END IF;

    IF followed.merge IS NOT NULL THEN
        w := ledger_fetch(w, followed, p_seq, p_amount, p_shortfall, p_actor, p_now);
    END IF;
    SELECT * INTO waiting FROM ledger_pending_lot
    WHERE member_id = p_member AND currency = p_currency AND lot_id = p_seq;
    answer.from_pending := least(coalesce(waiting.remaining, 0), missing);
    missing := missing - answer.from_pending;
    IF missing > 0 AND p_shortfall <> 'pending_only' THEN
        w := ledger_lapse(w, p_now);
        own := ledger_take_own(p_member, p_currency, p_seq, missing);
        answer.from_own_lot := ledger_sum(own.amounts);
        missing := missing - answer.from_own_lot;
        answer.from_lapsed := least(missing, ledger_find_lapsed(p_member, p_currency, p_seq));
        missing := missing - answer.from_lapsed;
        others := ledger_take(p_member, p_currency, least(missing, w.balance - answer.from_own_lot));
        answer.from_other_lots := ledger_sum(others.amounts);
        missing := missing - answer.from_other_lots;
    END IF;

    why := ROW(p_occurred_at, p_now, p_actor, p_source, p_reason, earned.rule, earned.programme_version);
    answer.seq := w.version + 1;
    answer.amount := p_amount;
    answer.from_own_lot := coalesce(answer.from_own_lot, 0);
    answer.from_lapsed := coalesce(answer.from_lapsed, 0);
    answer.from_other_lots := coalesce(answer.from_other_lots, 0);
    answer.into_debt := CASE p_shortfall WHEN 'debt' THEN missing ELSE 0 END;
    answer.waived := missing - answer.into_debt;
    IF answer.from_pending > 0 THEN
        PERFORM ledger_shrink_pending(waiting, answer.from_pending);
        w := ledger_log(w, why, 'reverse', 'pending', 'reversed', answer.from_pending, answer.seq, p_seq, p_key, p_hash,
            ARRAY[p_seq], ARRAY[answer.from_pending]);
    END IF;
    IF answer.from_own_lot + answer.from_other_lots > 0 THEN
        w := ledger_log(w, why, 'reverse', 'active', 'reversed', answer.from_own_lot + answer.from_other_lots,
            answer.seq, p_seq, p_key, p_hash, own.lots || others.lots, own.amounts || others.amounts);
    END IF;
    IF answer.from_lapsed > 0 THEN
        w := ledger_log(w, why, 'reverse', 'expired', 'reversed', answer.from_lapsed, answer.seq, p_seq, p_key, p_hash,
            ARRAY[p_seq], ARRAY[answer.from_lapsed]);
    END IF;
    IF answer.into_debt > 0 THEN
        w := ledger_log(w, why, 'reverse', 'debt', 'reversed', answer.into_debt, answer.seq, p_seq, p_key, p_hash);
    END IF;
    IF answer.waived > 0 THEN
        w := ledger_log(w, why, 'waive', 'waived', 'reversed', answer.waived, answer.seq, p_seq, p_key, p_hash);
    END IF;
    PERFORM ledger_keep(w);
    PERFORM ledger_follow(followed, p_currency, p_actor, p_now);
    RETURN answer;
END;
$$;

-- Where a member was merged into another: lock both wallets, for what follows concerns both.
CREATE FUNCTION ledger_lock_merged(p_member bigint, p_currency text) RETURNS ledger_merged LANGUAGE plpgsql AS $$
DECLARE
    followed ledger_merged;
BEGIN
    SELECT * INTO followed FROM ledger_merged WHERE member_id = p_member;
    IF FOUND THEN
        PERFORM ledger_lock(ARRAY[p_member, followed.into_member], ARRAY[p_currency, p_currency]);
    END IF;
    RETURN followed;
END;
$$;

-- What is left to a merged member goes the way of the rest.
CREATE FUNCTION ledger_follow(followed ledger_merged, p_currency text, p_actor text, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF followed.merge IS NOT NULL THEN
        PERFORM ledger_carry(followed.member_id, followed.into_member, p_currency, followed.merge, '', p_actor, p_now);
    END IF;
END;
$$;

CREATE FUNCTION ledger_shrink_pending(waiting ledger_pending_lot, p_amount bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF waiting.remaining = p_amount THEN
        DELETE FROM ledger_pending_lot
        WHERE member_id = waiting.member_id AND currency = waiting.currency AND lot_id = waiting.lot_id;
    ELSE
        UPDATE ledger_pending_lot SET remaining = remaining - p_amount
        WHERE member_id = waiting.member_id AND currency = waiting.currency AND lot_id = waiting.lot_id;
    END IF;
END;
$$;

-- How much of a lot has lapsed and was not booked as taken back since.
CREATE FUNCTION ledger_find_lapsed(p_member bigint, p_currency text, p_lot bigint)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(CASE e.credit WHEN 'expired' THEN a.part ELSE -a.part END), 0)::bigint
    FROM ledger_journal e CROSS JOIN LATERAL unnest(e.lots, e.lot_amounts) AS a (lot, part)
    WHERE e.member_id = p_member AND e.currency = p_currency AND e.seq > p_lot AND a.lot = p_lot
        AND 'expired' IN (e.debit, e.credit);
$$;

-- Take up to an amount from one lot, where it is still open.
CREATE FUNCTION ledger_take_own(p_member bigint, p_currency text, p_lot bigint, p_amount bigint)
RETURNS ledger_taken LANGUAGE plpgsql AS $$
DECLARE
    lot ledger_open_lot;
    taken ledger_taken;
BEGIN
    SELECT * INTO lot FROM ledger_open_lot WHERE member_id = p_member AND currency = p_currency AND lot_id = p_lot;
    IF NOT FOUND THEN
        RETURN taken;
    ELSIF lot.remaining <= p_amount THEN
        DELETE FROM ledger_open_lot
        WHERE member_id = p_member AND currency = p_currency
            AND expires_at = lot.expires_at AND opened_at = lot.opened_at AND lot_id = p_lot;
    ELSE
        UPDATE ledger_open_lot SET remaining = remaining - p_amount
        WHERE member_id = p_member AND currency = p_currency
            AND expires_at = lot.expires_at AND opened_at = lot.opened_at AND lot_id = p_lot;
    END IF;
    taken.lots := ARRAY[p_lot];
    taken.amounts := ARRAY[least(lot.remaining, p_amount)];
    RETURN taken;
END;
$$;

CREATE FUNCTION ledger_reversal_answer(p_member bigint, p_currency text, p_key text, p_hash uuid)
RETURNS ledger_reversal LANGUAGE plpgsql AS $$
DECLARE
    head ledger_journal;
    answer ledger_reversal;
BEGIN
    SELECT * INTO head FROM ledger_journal WHERE member_id = p_member AND currency = p_currency AND key = p_key;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF head.input_hash <> p_hash THEN
        answer.status := 'conflict';
        RETURN answer;
    END IF;
    SELECT 'replayed', head.seq, sum(e.amount),
        coalesce(sum(e.amount) FILTER (WHERE e.debit = 'pending'), 0),
        coalesce(sum(a.own), 0),
        coalesce(sum(e.amount) FILTER (WHERE e.debit = 'expired'), 0),
        coalesce(sum(e.amount) FILTER (WHERE e.debit = 'active'), 0) - coalesce(sum(a.own), 0),
        coalesce(sum(e.amount) FILTER (WHERE e.debit = 'debt'), 0),
        coalesce(sum(e.amount) FILTER (WHERE e.debit = 'waived'), 0)
    INTO answer
    FROM ledger_journal e
    CROSS JOIN LATERAL (
        SELECT sum(part) AS own FROM unnest(e.lots, e.lot_amounts) AS u (lot, part)
        WHERE e.debit = 'active' AND lot = e.refers_to
    ) AS a
    -- A posting's entries stand together, and a reversal has five at most.
    WHERE e.member_id = p_member AND e.currency = p_currency AND e.seq BETWEEN head.seq AND head.seq + 4
        AND e.posting = head.seq;
    RETURN answer;
END;
$$;

-- Refund part or all of a spend to the lots it came from: last taken, first given back, so that what is left
-- is the spend of the smaller amount, in however many steps.
CREATE FUNCTION ledger_refund(
    p_member bigint, p_currency text, p_seq bigint, p_amount bigint, p_grace_days integer, p_key text, p_hash uuid,
    p_occurred_at timestamptz, p_source text, p_reason text, p_actor text, p_now timestamptz
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    w ledger_wallet;
    spent ledger_journal;
    answer ledger_receipt;
    taken ledger_taken;
    refunded bigint;
    posting bigint;
    followed ledger_merged := ledger_lock_merged(p_member, p_currency);
BEGIN
    SELECT * INTO w FROM ledger_wallet WHERE member_id = p_member AND currency = p_currency FOR UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refused('not_found');
    END IF;
    answer := ledger_answer(p_member, p_currency, p_key, p_hash);
    IF answer.status IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO spent FROM ledger_journal WHERE member_id = p_member AND currency = p_currency AND seq = p_seq;
    IF NOT FOUND THEN
        RETURN ledger_refused('not_found');
    ELSIF spent.kind NOT IN ('spend', 'capture') THEN
        RETURN ledger_refused('not_refundable');
    END IF;
    refunded := (
        SELECT coalesce(sum(amount), 0) FROM ledger_journal
        WHERE member_id = p_member AND currency = p_currency AND refers_to = p_seq AND kind = 'refund');
    IF spent.amount - refunded < p_amount THEN
        RETURN ledger_refused('refund_too_large', spent.amount - refunded);
    END IF;
    w := ledger_lapse(w, p_now);
    posting := w.version + 1;
    taken := ledger_cut(spent.lots, spent.lot_amounts, refunded, p_amount, true);
    w := ledger_give_back(w, ROW(p_occurred_at, p_now, p_actor, p_source, p_reason, spent.rule,
            spent.programme_version)::ledger_why, 'refund', 'spent', p_seq, taken.lots, taken.amounts, p_key, p_hash,
        CASE WHEN p_grace_days > 0 THEN p_now + make_interval(days => p_grace_days) END);
    PERFORM ledger_keep(w);
    PERFORM ledger_follow(followed, p_currency, p_actor, p_now);
    RETURN ledger_posted(w, posting, p_amount);
END;
$$;

-- What stood in for a lot whose credit was reversed while its points were spent, held or passed on: the other lots that
-- the reversals took, and those that repaid what the reversals made it owe; debts are repaid in the order in which they
-- arose. Without what was given back for it already: from the first on, so that the list only ever grows at its end.
CREATE FUNCTION ledger_list_stand_ins(p_member bigint, p_currency text, p_lot bigint)
RETURNS TABLE (lot bigint, part bigint) LANGUAGE sql STABLE AS $$
    WITH owed AS (
        SELECT seq, refers_to, sum(amount) OVER w - amount AS low, sum(amount) OVER w AS high
        FROM ledger_journal WHERE member_id = p_member AND currency = p_currency AND debit = 'debt'
        WINDOW w AS (ORDER BY seq)
    ), repaid AS (
        SELECT a.lot, sum(a.part) OVER w - a.part AS low, sum(a.part) OVER w AS high
        FROM ledger_journal e
        CROSS JOIN LATERAL unnest(coalesce(e.lots, ARRAY[0]), coalesce(e.lot_amounts, ARRAY[e.amount::bigint]))
            WITH ORDINALITY AS a (lot, part, n)
        WHERE e.member_id = p_member AND e.currency = p_currency AND e.credit = 'debt'
        WINDOW w AS (ORDER BY e.seq, a.n)
    ), took AS (
        SELECT e.seq, a.n::numeric AS place, a.lot, a.part
        FROM ledger_journal e CROSS JOIN LATERAL unnest(e.lots, e.lot_amounts) WITH ORDINALITY AS a (lot, part, n)
        WHERE e.member_id = p_member AND e.currency = p_currency AND e.refers_to = p_lot
            AND e.kind = 'reverse' AND e.debit = 'active'
        UNION ALL
        SELECT o.seq, r.low, r.lot, (least(o.high, r.high) - greatest(o.low, r.low))::bigint
        FROM owed o JOIN repaid r ON r.low < o.high AND r.high > o.low
        WHERE o.refers_to = p_lot
    ), laid AS (
        SELECT seq, place, lot, part, sum(part) OVER (ORDER BY seq, place) AS ended
        FROM took WHERE lot NOT IN (p_lot, 0)
    )
    SELECT l.lot, least(l.part, l.ended - back.amount)::bigint
    FROM laid l CROSS JOIN (
        SELECT coalesce(sum(amount), 0) AS amount FROM ledger_journal
        WHERE member_id = p_member AND currency = p_currency AND refers_to = p_lot AND kind = 'restore'
    ) AS back
    WHERE l.ended > back.amount ORDER BY l.seq, l.place;
$$;

-- Points come back to lots: for each, what stood in for it gets them first, and what stood in for that; the lot itself
-- gets the rest. Else a member would pay twice for what was returned after it was spent: with the points that stood in,
-- and with those that come back to a lot that has lapsed meanwhile. All debt is repaid already.
CREATE FUNCTION ledger_restore(
    w ledger_wallet, why ledger_why, p_posting bigint, p_refers_to bigint,
    p_lots bigint[], p_amounts bigint[], p_grace_until timestamptz
) RETURNS ledger_wallet LANGUAGE plpgsql AS $$
DECLARE
    queue_lots bigint[] := p_lots;
    queue bigint[] := p_amounts;
    home_lots bigint[];
    home bigint[];
    missing bigint;
    stand_in record;
    parts ledger_taken;
    place integer := 1;
BEGIN
    WHILE place <= cardinality(queue) LOOP
        missing := queue[place];
        parts := NULL;
        FOR stand_in IN SELECT * FROM ledger_list_stand_ins(w.member_id, w.currency, queue_lots[place]) LOOP
            EXIT WHEN missing = 0;
            parts.lots := parts.lots || stand_in.lot;
            parts.amounts := parts.amounts || least(stand_in.part, missing);
            missing := missing - least(stand_in.part, missing);
        END LOOP;
        IF parts.lots IS NOT NULL THEN
            w := ledger_log(w, why, 'restore', 'active', 'active', ledger_sum(parts.amounts), p_posting,
                queue_lots[place], p_lots => parts.lots, p_lot_amounts => parts.amounts);
            queue_lots := queue_lots || parts.lots;
            queue := queue || parts.amounts;
        END IF;
        IF missing > 0 THEN
            home_lots := home_lots || queue_lots[place];
            home := home || missing;
        END IF;
        place := place + 1;
    END LOOP;
    SELECT array_agg(lot ORDER BY first), array_agg(amount ORDER BY first) INTO home_lots, home
    FROM (
        SELECT lot, sum(part)::bigint AS amount, min(n) AS first
        FROM unnest(home_lots, home) WITH ORDINALITY AS u (lot, part, n) GROUP BY lot
    ) AS merged;
    RETURN ledger_reopen(w, why, p_posting, p_refers_to, home_lots, home, p_grace_until);
END;
$$;
