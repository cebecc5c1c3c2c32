-- Adjustments upwards, sliding expiry, transfers. Locks: wallets ascending, then their lots.

-- A correction in the member's favour opens a lot, as an earn does.
CREATE FUNCTION ledger_adjust_up(
    p_member bigint, p_currency text, p_amount bigint, p_expires_at timestamptz, p_key text, p_hash uuid,
    p_source text, p_reason text, p_actor text, p_now timestamptz
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    w ledger_wallet;
    answer ledger_receipt;
    posting bigint;
    why ledger_why := ROW(p_now, p_now, p_actor, p_source, p_reason, '', NULL);
BEGIN
    PERFORM ledger_lock(ARRAY[p_member], ARRAY[p_currency]);
    SELECT * INTO w FROM ledger_wallet WHERE member_id = p_member AND currency = p_currency;
    answer := ledger_answer(p_member, p_currency, p_key, p_hash);
    IF answer.status IS NOT NULL THEN
        RETURN answer;
    ELSIF p_expires_at <= p_now THEN
        RETURN ledger_refused('lapsed_already'); -- the caller rolls back a wallet that was made for it
    END IF;
    posting := w.version + 1;
    w := ledger_log(w, why, 'adjust', 'adjusted', 'active', p_amount, p_key => p_key, p_hash => p_hash,
        p_expires_at => p_expires_at);
    w := ledger_open(w, why, posting, posting, p_amount, p_now, p_expires_at, false);
    PERFORM ledger_keep(w);
    RETURN ledger_posted(w, posting, p_amount);
END;
$$;

-- Activity carries the expiry of sliding lots forward: open, pending and held ones. What is due lapses first.
CREATE FUNCTION ledger_extend(
    p_member bigint, p_currency text, p_until timestamptz, p_key text, p_hash uuid,
    p_source text, p_actor text, p_now timestamptz
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    w ledger_wallet;
    answer ledger_receipt;
    moved record;
BEGIN
    SELECT * INTO w FROM ledger_wallet WHERE member_id = p_member AND currency = p_currency FOR UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refused('unchanged');
    END IF;
    answer := ledger_answer(p_member, p_currency, p_key, p_hash);
    IF answer.status IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF w.sliding_until >= p_until THEN
        RETURN ledger_refused('unchanged');
    END IF;
    SELECT sum(part)::bigint AS amount, array_agg(lot ORDER BY lot) AS lots, array_agg(part ORDER BY lot) AS lot_amounts
    INTO moved
    FROM (
        SELECT lot, sum(part)::bigint AS part
        FROM (
            SELECT lot_id AS lot, remaining AS part FROM ledger_open_lot
            WHERE member_id = p_member AND currency = p_currency AND sliding
                AND expires_at < p_until AND expires_at > p_now
            UNION ALL
            SELECT lot_id, remaining FROM ledger_pending_lot
            WHERE member_id = p_member AND currency = p_currency AND sliding AND expires_at < p_until
            UNION ALL
            SELECT h.lot, h.part
            FROM ledger_open_hold o CROSS JOIN LATERAL unnest(o.lots, o.lot_amounts) AS h (lot, part)
            WHERE o.member_id = p_member AND o.currency = p_currency
                AND (ledger_find_lot_terms(w, h.lot)).sliding AND (ledger_find_lot_terms(w, h.lot)).expires_at < p_until
        ) AS every
        GROUP BY lot
    ) AS one;
    IF moved.amount IS NULL THEN
        RETURN ledger_refused('unchanged');
    END IF;
    w := ledger_lapse(w, p_now);
    w := ledger_log(w, ROW(p_now, p_now, p_actor, p_source, '', '', NULL)::ledger_why, 'extend', 'active', 'active',
        moved.amount, p_key => p_key, p_hash => p_hash, p_lots => moved.lots, p_lot_amounts => moved.lot_amounts,
        p_expires_at => p_until, p_sliding => true);
    w.sliding_until := p_until;
    UPDATE ledger_open_lot SET expires_at = p_until
    WHERE member_id = p_member AND currency = p_currency AND sliding AND expires_at < p_until;
    UPDATE ledger_pending_lot SET expires_at = p_until
    WHERE member_id = p_member AND currency = p_currency AND sliding AND expires_at < p_until;
    PERFORM ledger_keep(w);
    RETURN ledger_posted(w, w.version, moved.amount);
END;
$$;

-- Move points to another member, lot by lot. Each keeps its expiry, slides no more, and has had its grace where it had
-- it: no time is gained on the way. The key is the giver's.
CREATE FUNCTION ledger_transfer(
    p_from bigint, p_to bigint, p_currency text, p_amount bigint, p_key text, p_hash uuid,
    p_reason text, p_actor text, p_now timestamptz
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    giver ledger_wallet;
    taker ledger_wallet;
    answer ledger_receipt;
    taken ledger_taken;
    due bigint;
    posting bigint;
    lot bigint;
    why ledger_why := ROW(p_now, p_now, p_actor, 'transfer:to:' || p_to, p_reason, '', NULL);
BEGIN
    PERFORM FROM ledger_wallet WHERE member_id = p_from AND currency = p_currency;
    IF NOT FOUND THEN
        RETURN ledger_refused('insufficient', 0);
    END IF;
    PERFORM ledger_lock(ARRAY[p_from, p_to], ARRAY[p_currency, p_currency]);
    SELECT * INTO giver FROM ledger_wallet WHERE member_id = p_from AND currency = p_currency;
    SELECT * INTO taker FROM ledger_wallet WHERE member_id = p_to AND currency = p_currency;
    due := ledger_due(p_from, p_currency, p_now);
    answer := ledger_answer(p_from, p_currency, p_key, p_hash);
    IF answer.status IS NULL AND giver.balance - due < p_amount THEN
        answer := ledger_refused('insufficient', giver.balance - due);
    END IF;
    IF answer.status IS NOT NULL THEN
        DELETE FROM ledger_wallet WHERE member_id = p_to AND currency = p_currency AND version = 0;
        RETURN answer;
    END IF;

    giver := ledger_lapse(giver, p_now);
    taken := ledger_take(p_from, p_currency, p_amount);
    giver := ledger_log(giver, why, 'transfer_out', 'active', 'transferred', p_amount, p_key => p_key, p_hash => p_hash,
        p_lots => taken.lots, p_lot_amounts => taken.amounts);
    PERFORM ledger_keep(giver);

    why.source := 'transfer:from:' || p_from || ':' || giver.version;
    posting := taker.version + 1;
    FOR i IN 1 .. cardinality(taken.lots) LOOP
        taker := ledger_log(taker, why, 'transfer_in', 'transferred', 'active', taken.amounts[i], posting,
            p_expires_at => nullif(taken.expires_at[i], 'infinity'));
        lot := taker.version;
        IF (ledger_find_lot_terms(giver, taken.lots[i])).graced THEN
            taker := ledger_log(taker, why, 'extend', 'active', 'active', taken.amounts[i], posting, lot,
                p_lots => ARRAY[lot], p_lot_amounts => ARRAY[taken.amounts[i]], p_expires_at => taken.expires_at[i]);
        END IF;
        taker := ledger_open(taker, why, posting, lot, taken.amounts[i], p_now, taken.expires_at[i], false);
    END LOOP;
    PERFORM ledger_keep(taker);
    RETURN ledger_posted(giver, giver.version, p_amount);
END;
$$;
