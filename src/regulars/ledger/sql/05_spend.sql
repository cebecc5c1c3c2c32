-- Debits: spend, hold, an adjustment downwards. Locks: the wallet's row, then its lots.

-- The guarded update is lock and overdraft check in one; the lots are read in a new statement, whose snapshot
-- is younger than the lock. Under the wallet's lock a lot stays where it is, so it is met again by its ctid.
-- A known key is noticed last, by its index, and all is undone: cheaper than to look for it every time.
CREATE FUNCTION ledger_debit(
    p_kind text, p_credit text, p_member bigint, p_currency text, p_amount bigint, p_key text, p_hash uuid,
    p_occurred_at timestamptz, p_programme_version integer, p_source text, p_reason text, p_actor text,
    p_now timestamptz
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    to_held bigint := CASE p_credit WHEN 'held' THEN p_amount ELSE 0 END;
    n_seq bigint;
    n_balance bigint;
    n_pending bigint;
    n_held bigint;
    n_debt bigint;
    place tid;
    lot bigint;
    remains bigint;
    lapses_at timestamptz;
    lots bigint[];
    parts bigint[];
    taken ledger_taken;
BEGIN
    LOOP
        UPDATE ledger_wallet SET balance = balance - p_amount, held = held + to_held, version = version + 1
        WHERE member_id = p_member AND currency = p_currency AND balance >= p_amount
        RETURNING version, balance, pending, held, debt INTO n_seq, n_balance, n_pending, n_held, n_debt;
        IF NOT FOUND THEN
            RETURN ledger_debit_refused(p_member, p_currency, p_key, p_hash, p_now);
        END IF;

        SELECT l.ctid, l.expires_at, l.lot_id, l.remaining INTO place, lapses_at, lot, remains
        FROM ledger_open_lot l WHERE l.member_id = p_member AND l.currency = p_currency
        ORDER BY l.expires_at, l.opened_at, l.lot_id LIMIT 1;
        EXIT WHEN lapses_at > p_now;

        -- Seldom: a lot is due. Undo; what is due lapses, unless the answer is known or a refusal; try again.
        IF lot IS NULL THEN
            RAISE EXCEPTION 'wallet (%, %): a balance without lots', p_member, p_currency
                USING ERRCODE = 'data_corrupted';
        END IF;
        UPDATE ledger_wallet SET balance = balance + p_amount, held = held - to_held, version = version - 1
        WHERE member_id = p_member AND currency = p_currency;
        IF n_balance < ledger_due(p_member, p_currency, p_now)
            OR (ledger_answer(p_member, p_currency, p_key, p_hash)).status IS NOT NULL
        THEN
            RETURN ledger_debit_refused(p_member, p_currency, p_key, p_hash, p_now);
        END IF;
        PERFORM ledger_keep(ledger_lapse(w, p_now)) FROM ledger_wallet w
        WHERE w.member_id = p_member AND w.currency = p_currency;
    END LOOP;

    IF remains > p_amount THEN
        UPDATE ledger_open_lot SET remaining = remains - p_amount WHERE ctid = place;
        lots := ARRAY[lot];
        parts := ARRAY[p_amount];
    ELSE
        taken := ledger_take(p_member, p_currency, p_amount);
        lots := taken.lots;
        parts := taken.amounts;
    END IF;
    INSERT INTO ledger_journal (
        member_id, currency, seq, posting, kind, debit, credit, amount,
        balance_after, pending_after, held_after, debt_after,
        occurred_at, recorded_at, key, input_hash, programme_version, source, actor, reason, lots, lot_amounts
    ) VALUES (
        p_member, p_currency, n_seq, n_seq, p_kind, 'active', p_credit, p_amount,
        n_balance, n_pending, n_held, n_debt,
        p_occurred_at, p_now, p_key, p_hash, p_programme_version, p_source, p_actor, p_reason, lots, parts
    ) ON CONFLICT (member_id, currency, key) DO NOTHING;
    IF FOUND THEN
        RETURN ROW('posted', n_seq, p_amount, n_balance, n_debt)::ledger_receipt;
    END IF;

    UPDATE ledger_wallet SET balance = balance + p_amount, held = held - to_held, version = version - 1
    WHERE member_id = p_member AND currency = p_currency;
    IF remains > p_amount THEN
        UPDATE ledger_open_lot SET remaining = remains
        WHERE member_id = p_member AND currency = p_currency AND expires_at = lapses_at AND lot_id = lot;
    ELSE
        PERFORM ledger_put_back(p_member, p_currency, taken);
    END IF;
    RETURN ledger_answer(p_member, p_currency, p_key, p_hash);
END;
$$;

-- Undo ledger_take.
CREATE FUNCTION ledger_put_back(p_member bigint, p_currency text, taken ledger_taken) RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger_open_lot AS l (member_id, currency, expires_at, opened_at, lot_id, remaining, sliding)
    SELECT p_member, p_currency, t.expires_at, t.opened_at, t.lot, t.part, t.sliding
    FROM unnest(taken.lots, taken.amounts, taken.expires_at, taken.opened_at, taken.sliding)
        AS t (lot, part, expires_at, opened_at, sliding)
    ON CONFLICT (member_id, currency, expires_at, opened_at, lot_id)
    DO UPDATE SET remaining = l.remaining + excluded.remaining;
$$;

-- Nothing was taken: the first answer to the key, or how much could have been taken.
CREATE FUNCTION ledger_debit_refused(p_member bigint, p_currency text, p_key text, p_hash uuid, p_now timestamptz)
RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    answer ledger_receipt := ledger_answer(p_member, p_currency, p_key, p_hash);
BEGIN
    IF answer.status IS NULL THEN
        answer := ledger_refused('insufficient', (
            SELECT balance - ledger_due(p_member, p_currency, p_now) FROM ledger_wallet
            WHERE member_id = p_member AND currency = p_currency));
    END IF;
    RETURN answer;
END;
$$;

-- Points in lots that are due but not swept: no longer spendable, still in the stored balance.
CREATE FUNCTION ledger_due(p_member bigint, p_currency text, p_now timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(remaining), 0)::bigint FROM ledger_open_lot
    WHERE member_id = p_member AND currency = p_currency AND expires_at <= p_now;
$$;

-- Set points aside. They keep the identity of their lots until they are captured or released.
CREATE FUNCTION ledger_hold(
    p_member bigint, p_currency text, p_amount bigint, p_times_out_at timestamptz, p_key text, p_hash uuid,
    p_occurred_at timestamptz, p_programme_version integer, p_source text, p_reason text, p_actor text,
    p_now timestamptz
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    answer ledger_receipt := ledger_debit('hold', 'held', p_member, p_currency, p_amount, p_key, p_hash, p_occurred_at,
        p_programme_version, p_source, p_reason, p_actor, p_now);
BEGIN
    IF answer.status = 'posted' THEN
        INSERT INTO ledger_open_hold (member_id, currency, hold_seq, remaining, times_out_at, lots, lot_amounts)
        SELECT member_id, currency, seq, amount, p_times_out_at, lots, lot_amounts FROM ledger_journal
        WHERE member_id = p_member AND currency = p_currency AND seq = answer.seq;
    END IF;
    RETURN answer;
END;
$$;

-- Cut the units [p_from, p_from + p_amount) out of allocations laid end to end; p_backwards counts from the last.
CREATE FUNCTION ledger_cut(
    p_lots bigint[], p_amounts bigint[], p_from bigint, p_amount bigint, p_backwards boolean
) RETURNS ledger_taken LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(array_agg(lot ORDER BY place), array_agg(high - low ORDER BY place), NULL, NULL, NULL)::ledger_taken
    FROM (
        SELECT lot, place, greatest(ended - part, p_from) AS low, least(ended, p_from + p_amount) AS high
        FROM (
            SELECT lot, part, place, sum(part) OVER (ORDER BY place)::bigint AS ended
            FROM (
                SELECT lot, part, CASE WHEN p_backwards THEN -n ELSE n END AS place
                FROM unnest(p_lots, p_amounts) WITH ORDINALITY AS u (lot, part, n)
            ) AS ordered
        ) AS laid
    ) AS pieces
    WHERE high > low;
$$;

-- Spend what was held, whole or in part; the rest stays held.
CREATE FUNCTION ledger_capture(
    p_member bigint, p_currency text, p_hold bigint, p_amount bigint, p_key text, p_hash uuid,
    p_source text, p_reason text, p_actor text, p_now timestamptz
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    w ledger_wallet;
    hold ledger_open_hold;
    held ledger_journal;
    answer ledger_receipt;
    taken ledger_taken;
    amount bigint;
BEGIN
    SELECT * INTO w FROM ledger_wallet WHERE member_id = p_member AND currency = p_currency FOR UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refused('hold_not_open', 0);
    END IF;
    answer := ledger_answer(p_member, p_currency, p_key, p_hash);
    IF answer.status IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO hold FROM ledger_open_hold
    WHERE member_id = p_member AND currency = p_currency AND hold_seq = p_hold;
    amount := coalesce(p_amount, hold.remaining);
    IF hold.hold_seq IS NULL OR hold.times_out_at <= p_now OR amount > hold.remaining THEN
        RETURN ledger_refused('hold_not_open',
            CASE WHEN hold.times_out_at > p_now THEN hold.remaining ELSE 0 END);
    END IF;
    SELECT * INTO held FROM ledger_journal WHERE member_id = p_member AND currency = p_currency AND seq = p_hold;
    taken := ledger_cut(hold.lots, hold.lot_amounts, 0, amount, false);
    w := ledger_log(w, ROW(p_now, p_now, p_actor, p_source, p_reason, '', held.programme_version)::ledger_why,
        'capture', 'held', 'spent', amount, NULL, p_hold, p_key, p_hash, taken.lots, taken.amounts);
    PERFORM ledger_shrink_hold(hold, amount), ledger_keep(w);
    RETURN ledger_posted(w, w.version, amount);
END;
$$;

CREATE FUNCTION ledger_shrink_hold(hold ledger_open_hold, p_amount bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    rest ledger_taken;
BEGIN
    IF p_amount = hold.remaining THEN
        DELETE FROM ledger_open_hold
        WHERE member_id = hold.member_id AND currency = hold.currency AND hold_seq = hold.hold_seq;
    ELSE
        rest := ledger_cut(hold.lots, hold.lot_amounts, p_amount, hold.remaining - p_amount, false);
        UPDATE ledger_open_hold
        SET remaining = remaining - p_amount, lots = rest.lots, lot_amounts = rest.amounts
        WHERE member_id = hold.member_id AND currency = hold.currency AND hold_seq = hold.hold_seq;
    END IF;
END;
$$;

-- Give back what is still held of a locked wallet's hold. What lapsed meanwhile lapses at once.
CREATE FUNCTION ledger_release_hold(
    w ledger_wallet, hold ledger_open_hold, why ledger_why, p_key text, p_hash uuid
) RETURNS ledger_wallet LANGUAGE plpgsql AS $$
DECLARE
    taken ledger_taken := ledger_cut(hold.lots, hold.lot_amounts, 0, hold.remaining, true);
BEGIN
    PERFORM ledger_shrink_hold(hold, hold.remaining);
    SELECT programme_version INTO why.programme_version FROM ledger_journal
    WHERE member_id = w.member_id AND currency = w.currency AND seq = hold.hold_seq;
    RETURN ledger_give_back(w, why, 'release', 'held', hold.hold_seq, taken.lots, taken.amounts, p_key, p_hash, NULL);
END;
$$;

CREATE FUNCTION ledger_release(
    p_member bigint, p_currency text, p_hold bigint, p_key text, p_hash uuid,
    p_source text, p_reason text, p_actor text, p_now timestamptz
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    w ledger_wallet;
    hold ledger_open_hold;
    answer ledger_receipt;
    posting bigint;
BEGIN
    SELECT * INTO w FROM ledger_wallet WHERE member_id = p_member AND currency = p_currency FOR UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refused('hold_not_open', 0);
    END IF;
    answer := ledger_answer(p_member, p_currency, p_key, p_hash);
    IF answer.status IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO hold FROM ledger_open_hold
    WHERE member_id = p_member AND currency = p_currency AND hold_seq = p_hold;
    IF NOT FOUND THEN
        RETURN ledger_refused('hold_not_open', 0);
    END IF;
    posting := w.version + 1;
    w := ledger_release_hold(w, hold, ROW(p_now, p_now, p_actor, p_source, p_reason, '', NULL)::ledger_why,
        p_key, p_hash);
    PERFORM ledger_keep(w);
    RETURN ledger_posted(w, posting, hold.remaining);
END;
$$;
