-- Two members who are one: the wallets of the one are carried over to the other, lot by lot, on their terms.
-- Afterwards the merged member's wallets are empty, and whatever reaches them is carried over as well. Entries of the
-- merged member are still reversed and refunded where they stand: what that takes is fetched back first, from the very
-- lots that came of them. Locks: the wallets of both, ascending.

-- `missing`: of what had come, what an undoing could not give back.
CREATE TYPE ledger_moved AS (
    status text, currency text, active bigint, pending bigint, debt bigint, missing bigint
);

-- A balance settles a debt.
CREATE FUNCTION ledger_settle(w ledger_wallet, why ledger_why, p_posting bigint)
RETURNS ledger_wallet LANGUAGE plpgsql AS $$
DECLARE
    repaid bigint := least(w.balance, w.debt);
    taken ledger_taken;
BEGIN
    IF repaid > 0 THEN
        taken := ledger_take(w.member_id, w.currency, repaid);
        w := ledger_log(w, why, 'repay', 'active', 'debt', repaid, p_posting,
            p_lots => taken.lots, p_lot_amounts => taken.amounts);
    END IF;
    RETURN w;
END;
$$;

-- Open lots taken from one wallet in another: each with its opening, expiry and grace, and the rule that gave it.
CREATE FUNCTION ledger_move_in(
    w ledger_wallet, giver ledger_wallet, why ledger_why, p_posting bigint, taken ledger_taken
) RETURNS ledger_wallet LANGUAGE plpgsql AS $$
DECLARE
    lot bigint;
    source text := why.source;
BEGIN
    FOR i IN 1 .. cardinality(taken.lots) LOOP
        SELECT rule, programme_version INTO why.rule, why.programme_version FROM ledger_journal
        WHERE member_id = giver.member_id AND currency = giver.currency AND seq = taken.lots[i];
        why.source := source || ':' || taken.lots[i];
        w := ledger_log(w, why, 'merge_in', 'transferred', 'active', taken.amounts[i], p_posting,
            p_expires_at => nullif(taken.expires_at[i], 'infinity'), p_activates_at => taken.opened_at[i],
            p_sliding => taken.sliding[i]);
        lot := w.version;
        IF (ledger_find_lot_terms(giver, taken.lots[i])).graced THEN
            w := ledger_log(w, why, 'extend', 'active', 'active', taken.amounts[i], p_posting, lot,
                p_lots => ARRAY[lot], p_lot_amounts => ARRAY[taken.amounts[i]], p_expires_at => taken.expires_at[i]);
        END IF;
        w := ledger_open(w, why, p_posting, lot, taken.amounts[i], taken.opened_at[i], taken.expires_at[i],
            taken.sliding[i]);
    END LOOP;
    RETURN w;
END;
$$;

-- Carry over all that a locked wallet has: open lots, pending lots, debt.
CREATE FUNCTION ledger_carry(
    p_member bigint, p_into bigint, p_currency text, p_merge bigint, p_reason text, p_actor text, p_now timestamptz
) RETURNS ledger_moved LANGUAGE plpgsql AS $$
DECLARE
    giver ledger_wallet;
    taker ledger_wallet;
    taken ledger_taken;
    waiting ledger_pending_lot;
    moved ledger_moved := ROW('posted', p_currency, 0, 0, 0, 0);
    why ledger_why := ROW(p_now, p_now, p_actor, 'merge:' || p_merge, p_reason, '', NULL);
    origin ledger_why;
    gone bigint;
    came bigint;
BEGIN
    SELECT * INTO giver FROM ledger_wallet WHERE member_id = p_member AND currency = p_currency;
    SELECT * INTO taker FROM ledger_wallet WHERE member_id = p_into AND currency = p_currency;
    giver := ledger_lapse(giver, p_now);
    IF coalesce(giver.balance + giver.pending + giver.debt, 0) = 0 THEN
        PERFORM ledger_keep(giver);
        RETURN moved;
    END IF;
    taker := ledger_lapse(taker, p_now);
    gone := giver.version + 1;
    came := taker.version + 1;
    moved.active := giver.balance;
    moved.pending := giver.pending;
    moved.debt := giver.debt;
    IF moved.active > 0 THEN
        taken := ledger_take(p_member, p_currency, moved.active);
        giver := ledger_log(giver, why, 'merge_out', 'active', 'transferred', moved.active, gone,
            p_lots => taken.lots, p_lot_amounts => taken.amounts);
        taker := ledger_move_in(taker, giver, why, came, taken);
    END IF;
    FOR waiting IN
        SELECT * FROM ledger_pending_lot WHERE member_id = p_member AND currency = p_currency ORDER BY lot_id
    LOOP
        PERFORM ledger_shrink_pending(waiting, waiting.remaining);
        giver := ledger_log(giver, why, 'merge_out', 'pending', 'transferred', waiting.remaining, gone, waiting.lot_id,
            p_lots => ARRAY[waiting.lot_id], p_lot_amounts => ARRAY[waiting.remaining::bigint]);
        SELECT waiting.occurred_at, p_now, p_actor, why.source || ':' || waiting.lot_id, p_reason, rule,
            programme_version
        INTO origin FROM ledger_journal
        WHERE member_id = p_member AND currency = p_currency AND seq = waiting.lot_id;
        taker := ledger_log(taker, origin, 'merge_in', 'transferred', 'pending', waiting.remaining, came,
            p_expires_at => waiting.expires_at, p_activates_at => waiting.activates_at, p_awaits => waiting.awaits,
            p_sliding => waiting.sliding);
        PERFORM ledger_put_pending(taker, taker.version, waiting.remaining);
    END LOOP;
    IF moved.debt > 0 THEN
        giver := ledger_log(giver, why, 'merge_in', 'transferred', 'debt', moved.debt, gone);
        taker := ledger_log(taker, why, 'merge_out', 'debt', 'transferred', moved.debt, came);
        taker := ledger_settle(taker, why, came);
    END IF;
    PERFORM ledger_keep(giver), ledger_keep(taker);
    RETURN moved;
END;
$$;

-- A pending lot as the entry that brought it tells, with so much more in it.
CREATE FUNCTION ledger_put_pending(w ledger_wallet, p_lot bigint, p_amount bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger_pending_lot AS l (
        member_id, currency, lot_id, remaining, occurred_at, activates_at, expires_at, awaits, sliding)
    SELECT w.member_id, w.currency, p_lot, p_amount, e.occurred_at, e.activates_at,
        CASE WHEN e.sliding AND e.expires_at IS NOT NULL THEN greatest(e.expires_at, w.sliding_until)
            ELSE e.expires_at END, e.awaits, e.sliding
    FROM ledger_journal e WHERE e.member_id = w.member_id AND e.currency = w.currency AND e.seq = p_lot
    ON CONFLICT (member_id, currency, lot_id) DO UPDATE SET remaining = l.remaining + excluded.remaining;
$$;

-- Merge all wallets of a member into another's. Refused while points of it are held.
CREATE FUNCTION ledger_merge(
    p_member bigint, p_into bigint, p_currencies text[], p_merge bigint, p_reason text, p_actor text, p_now timestamptz
) RETURNS SETOF ledger_moved LANGUAGE plpgsql AS $$
DECLARE
    refused text;
    currency text;
BEGIN
    PERFORM ledger_lock(array_agg(m), array_agg(c))
    FROM unnest(ARRAY[p_member, p_into]) AS m CROSS JOIN unnest(p_currencies) AS c;
    IF EXISTS (SELECT FROM ledger_merged WHERE member_id IN (p_member, p_into) OR into_member = p_member) THEN
        refused := 'merged_already';
    ELSIF EXISTS (SELECT FROM ledger_wallet WHERE member_id = p_member AND held > 0) THEN
        refused := 'held';
    END IF;
    IF refused IS NULL THEN
        INSERT INTO ledger_merged (member_id, into_member, merge) VALUES (p_member, p_into, p_merge);
        FOREACH currency IN ARRAY p_currencies LOOP
            RETURN NEXT ledger_carry(p_member, p_into, currency, p_merge, p_reason, p_actor, p_now);
        END LOOP;
    ELSE
        RETURN NEXT ROW(refused, NULL, 0, 0, 0, 0)::ledger_moved;
    END IF;
    DELETE FROM ledger_wallet WHERE member_id IN (p_member, p_into) AND version = 0;
END;
$$;

-- What reached a merged member's wallets since: under way while the merge was made.
CREATE FUNCTION ledger_carry_strays(p_now timestamptz, p_limit bigint) RETURNS ledger_sweep LANGUAGE plpgsql AS $$
DECLARE
    stray record;
    moved ledger_moved;
    swept ledger_sweep := ROW(0, 0, 0, false);
    members bigint[];
    currencies text[];
BEGIN
    SELECT array_agg(member), array_agg(s.currency) INTO members, currencies
    FROM (
        SELECT m.member_id, m.into_member, w.currency FROM ledger_merged m JOIN ledger_wallet w USING (member_id)
        WHERE w.balance + w.pending + w.debt > 0 LIMIT p_limit
    ) AS s CROSS JOIN LATERAL unnest(ARRAY[s.member_id, s.into_member]) AS member;
    IF members IS NULL THEN
        RETURN swept;
    END IF;
    PERFORM ledger_lock(members, currencies);
    FOR stray IN
        SELECT m.member_id, m.into_member, m.merge, w.currency
        FROM ledger_merged m JOIN ledger_wallet w USING (member_id)
        WHERE (m.member_id, w.currency) IN (SELECT * FROM unnest(members, currencies))
            AND (m.into_member, w.currency) IN (SELECT * FROM unnest(members, currencies))
            AND w.balance + w.pending + w.debt > 0
        ORDER BY m.member_id, w.currency
    LOOP
        moved := ledger_carry(stray.member_id, stray.into_member, stray.currency, stray.merge,
            '', 'system', p_now);
        swept.wallets := swept.wallets + 1;
        swept.items := swept.items + 1;
        swept.points := swept.points + moved.active + moved.pending;
    END LOOP;
    swept.more := cardinality(members) >= 2 * p_limit;
    RETURN swept;
END;
$$;

-- Fetch back what a reversal of a merged member's credit will take, in the order in which it takes: pending points, the
-- lots that came of that credit, what of them has lapsed, then other lots. `w` is the merged member's wallet.
CREATE FUNCTION ledger_fetch(
    w ledger_wallet, followed ledger_merged, p_seq bigint, p_amount bigint, p_shortfall text, p_actor text,
    p_now timestamptz
) RETURNS ledger_wallet LANGUAGE plpgsql AS $$
DECLARE
    holder ledger_wallet;
    why ledger_why := ROW(p_now, p_now, p_actor, 'merge:' || followed.merge, '', '', NULL);
    came record;
    waiting ledger_pending_lot;
    taken ledger_taken;
    missing bigint := p_amount;
    lapsed bigint;
    part bigint;
    gone bigint;
    back bigint;
BEGIN
    SELECT * INTO holder FROM ledger_wallet WHERE member_id = followed.into_member AND currency = w.currency;
    w := ledger_lapse(w, p_now);
    holder := ledger_lapse(holder, p_now);
    gone := holder.version + 1;
    back := w.version + 1;
    missing := missing - coalesce((SELECT sum(remaining) FROM (
        SELECT remaining::bigint FROM ledger_pending_lot
        WHERE member_id = w.member_id AND currency = w.currency AND lot_id = p_seq
        UNION ALL
        SELECT remaining FROM ledger_open_lot WHERE member_id = w.member_id AND currency = w.currency AND lot_id = p_seq
    ) AS own), 0);
    FOR came IN
        SELECT seq FROM ledger_journal
        WHERE member_id = holder.member_id AND currency = holder.currency AND kind = 'merge_in'
            AND source = why.source || ':' || p_seq
        ORDER BY seq
    LOOP
        SELECT * INTO waiting FROM ledger_pending_lot
        WHERE member_id = holder.member_id AND currency = holder.currency AND lot_id = came.seq;
        part := least(missing, coalesce(waiting.remaining, 0));
        IF part > 0 THEN
            PERFORM ledger_shrink_pending(waiting, part);
            holder := ledger_log(holder, why, 'merge_out', 'pending', 'transferred', part, gone, came.seq,
                p_lots => ARRAY[came.seq], p_lot_amounts => ARRAY[part]);
            w := ledger_log(w, why, 'merge_in', 'transferred', 'pending', part, back, p_seq,
                p_lots => ARRAY[p_seq], p_lot_amounts => ARRAY[part]);
            PERFORM ledger_put_pending(w, p_seq, part);
            missing := missing - part;
        END IF;
    END LOOP;
    IF missing > 0 AND p_shortfall <> 'pending_only' THEN
        lapsed := ledger_find_lapsed(w.member_id, w.currency, p_seq);
        FOR came IN
            SELECT seq FROM ledger_journal
            WHERE member_id = holder.member_id AND currency = holder.currency AND kind = 'merge_in'
                AND source = why.source || ':' || p_seq
            ORDER BY seq
        LOOP
            CONTINUE WHEN missing <= 0;
            taken := ledger_take_own(holder.member_id, holder.currency, came.seq, missing);
            part := ledger_sum(taken.amounts);
            IF part > 0 THEN
                holder := ledger_log(holder, why, 'merge_out', 'active', 'transferred', part, gone,
                    p_lots => taken.lots, p_lot_amounts => taken.amounts);
                w := ledger_log(w, why, 'merge_in', 'transferred', 'active', part, back,
                    p_lots => ARRAY[p_seq], p_lot_amounts => ARRAY[part]);
                w := ledger_reopen(w, why, back, NULL, ARRAY[p_seq], ARRAY[part], NULL);
                missing := missing - part;
            END IF;
        END LOOP;
        missing := missing - least(missing, lapsed);
        FOR came IN
            SELECT seq FROM ledger_journal
            WHERE member_id = holder.member_id AND currency = holder.currency AND kind = 'merge_in'
                AND source = why.source || ':' || p_seq
            ORDER BY seq
        LOOP
            part := least(missing, ledger_find_lapsed(holder.member_id, holder.currency, came.seq));
            IF part > 0 THEN
                holder := ledger_log(holder, why, 'merge_out', 'expired', 'transferred', part, gone,
                    p_lots => ARRAY[came.seq], p_lot_amounts => ARRAY[part]);
                w := ledger_log(w, why, 'merge_in', 'transferred', 'expired', part, back,
                    p_lots => ARRAY[p_seq], p_lot_amounts => ARRAY[part]);
                missing := missing - part;
            END IF;
        END LOOP;
        part := least(missing, holder.balance);
        IF part > 0 THEN
            taken := ledger_take(holder.member_id, holder.currency, part);
            holder := ledger_log(holder, why, 'merge_out', 'active', 'transferred', part, gone,
                p_lots => taken.lots, p_lot_amounts => taken.amounts);
            w := ledger_move_in(w, holder, why, back, taken);
        END IF;
    END IF;
    PERFORM ledger_keep(holder);
    RETURN w;
END;
$$;
