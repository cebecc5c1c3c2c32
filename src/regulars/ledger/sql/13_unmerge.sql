-- Undoing a merge: what is left of what came goes back to the very lots it came from, and what the merge itself had
-- settled between the two (a balance of the one against a debt of the other) is unsettled. Locks: the wallets of both,
-- ascending.

-- Refused while points of the survivor are held: some of them may have to go back.
CREATE FUNCTION ledger_unmerge(
    p_member bigint, p_currencies text[], p_reason text, p_actor text, p_now timestamptz
) RETURNS SETOF ledger_moved LANGUAGE plpgsql AS $$
DECLARE
    followed ledger_merged;
    refused text;
    currency text;
BEGIN
    SELECT * INTO followed FROM ledger_merged WHERE member_id = p_member;
    IF FOUND THEN
        PERFORM ledger_lock(array_agg(m), array_agg(c))
        FROM unnest(ARRAY[p_member, followed.into_member]) AS m CROSS JOIN unnest(p_currencies) AS c;
    END IF;
    DELETE FROM ledger_merged WHERE member_id = p_member;
    IF NOT FOUND THEN
        refused := 'not_merged';
    ELSIF EXISTS (SELECT FROM ledger_wallet WHERE member_id = followed.into_member AND held > 0) THEN
        refused := 'held'; -- the caller rolls back
    ELSE
        FOREACH currency IN ARRAY p_currencies LOOP
            RETURN NEXT ledger_carry_back(followed, currency, p_reason, p_actor, p_now);
        END LOOP;
        DELETE FROM ledger_wallet WHERE member_id IN (p_member, followed.into_member) AND version = 0;
        RETURN;
    END IF;
    RETURN NEXT ROW(refused, NULL, 0, 0, 0, 0)::ledger_moved;
END;
$$;

CREATE FUNCTION ledger_carry_back(
    followed ledger_merged, p_currency text, p_reason text, p_actor text, p_now timestamptz
) RETURNS ledger_moved LANGUAGE plpgsql AS $$
DECLARE
    home ledger_wallet;
    holder ledger_wallet;
    moved ledger_moved := ROW('posted', p_currency, 0, 0, 0, 0);
    why ledger_why := ROW(p_now, p_now, p_actor, 'merge:' || followed.merge, p_reason, '', NULL);
    came ledger_journal;
    gone bigint;
    back bigint;
    owed bigint;
    repaid ledger_taken;
    carried_to timestamptz;
    after record;
BEGIN
    SELECT * INTO home FROM ledger_wallet WHERE member_id = followed.member_id AND currency = p_currency;
    SELECT * INTO holder FROM ledger_wallet WHERE member_id = followed.into_member AND currency = p_currency;
    home := ledger_lapse(home, p_now);
    holder := ledger_lapse(holder, p_now);
    gone := holder.version + 1;
    back := home.version + 1;

    -- How far activity has carried sliding lots since.
    SELECT max(expires_at) INTO carried_to FROM ledger_journal
    WHERE member_id = holder.member_id AND currency = p_currency AND kind = 'extend' AND sliding AND seq > (
        SELECT min(seq) FROM ledger_journal
        WHERE member_id = holder.member_id AND currency = p_currency AND kind = 'merge_in'
            AND source LIKE why.source || ':%');

    -- Debt that came, as far as it is owed still; and what the survivor's own lots repaid of it when it came.
    SELECT array_agg(a.lot ORDER BY r.seq, a.n), array_agg(a.part ORDER BY r.seq, a.n)
    INTO repaid.lots, repaid.amounts
    FROM ledger_journal e
    JOIN ledger_journal r ON r.member_id = e.member_id AND r.currency = e.currency AND r.posting = e.posting
        AND r.seq > e.seq AND r.kind = 'repay'
    CROSS JOIN LATERAL unnest(r.lots, r.lot_amounts) WITH ORDINALITY AS a (lot, part, n)
    WHERE e.member_id = holder.member_id AND e.currency = p_currency AND e.kind = 'merge_out' AND e.debit = 'debt'
        AND e.source = why.source;
    SELECT coalesce(sum(amount), 0) INTO owed FROM ledger_journal
    WHERE member_id = holder.member_id AND currency = p_currency AND kind = 'merge_out' AND debit = 'debt'
        AND source = why.source;
    owed := least(holder.debt, owed - ledger_sum(repaid.amounts));
    moved.debt := owed + ledger_sum(repaid.amounts);
    IF moved.debt > 0 THEN
        home := ledger_log(home, why, 'merge_out', 'debt', 'transferred', moved.debt, back);
    END IF;
    IF owed > 0 THEN
        holder := ledger_log(holder, why, 'merge_in', 'transferred', 'debt', owed, gone);
    END IF;
    IF repaid.lots IS NOT NULL THEN
        holder := ledger_log(holder, why, 'merge_in', 'transferred', 'active', ledger_sum(repaid.amounts), gone,
            p_lots => repaid.lots, p_lot_amounts => repaid.amounts);
        holder := ledger_reopen(holder, why, gone, NULL, repaid.lots, repaid.amounts, NULL);
    END IF;

    FOR came IN
        SELECT * FROM ledger_journal
        WHERE member_id = holder.member_id AND currency = p_currency AND kind = 'merge_in'
            AND source LIKE why.source || ':%'
        ORDER BY seq
    LOOP
        SELECT * INTO after FROM ledger_carry_lot_back(home, holder, moved, why, gone, back, came, carried_to);
        home := after.home;
        holder := after.holder;
        moved := after.moved;
    END LOOP;
    home := ledger_settle(home, why, back);
    holder := ledger_settle(holder, why, gone);
    PERFORM ledger_keep(home), ledger_keep(holder);
    RETURN moved;
END;
$$;

-- One lot: its points, pending ones or what has lapsed of it, to where it came from.
CREATE FUNCTION ledger_carry_lot_back(
    INOUT home ledger_wallet, INOUT holder ledger_wallet, INOUT moved ledger_moved, why ledger_why,
    p_gone bigint, p_back bigint, came ledger_journal, p_carried_to timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    opener ledger_journal;
    waiting ledger_pending_lot;
    activated ledger_journal;
    terms ledger_lot_terms;
    terms_home ledger_lot_terms;
    lot bigint := split_part(came.source, ':', 3)::bigint;
    own bigint;
    settled bigint;
    lapsed bigint;
    part bigint;
    left_with_holder bigint;
BEGIN
    SELECT * INTO opener FROM ledger_journal
    WHERE member_id = home.member_id AND currency = home.currency AND seq = lot;
    IF opener.kind = 'merge_in' AND opener.source LIKE why.source || ':%' THEN
        RETURN; -- points of the survivor's, fetched for a return and given back since
    END IF;
    SELECT * INTO waiting FROM ledger_pending_lot
    WHERE member_id = holder.member_id AND currency = holder.currency AND lot_id = came.seq;
    IF FOUND THEN
        PERFORM ledger_shrink_pending(waiting, waiting.remaining);
        holder := ledger_log(holder, why, 'merge_out', 'pending', 'transferred', waiting.remaining, p_gone, came.seq,
            p_lots => ARRAY[came.seq], p_lot_amounts => ARRAY[waiting.remaining::bigint]);
        home := ledger_log(home, why, 'merge_in', 'transferred', 'pending', waiting.remaining, p_back, lot,
            p_lots => ARRAY[lot], p_lot_amounts => ARRAY[waiting.remaining::bigint]);
        PERFORM ledger_put_pending(home, lot, waiting.remaining);
        moved.pending := moved.pending + waiting.remaining;
    END IF;

    -- What repaid the survivor's debt when it came makes that debt again.
    SELECT coalesce(sum(a.part), 0) INTO settled
    FROM ledger_journal j CROSS JOIN LATERAL unnest(j.lots, j.lot_amounts) AS a (lot, part)
    WHERE j.member_id = holder.member_id AND j.currency = holder.currency AND j.posting = came.posting
        AND j.seq > came.seq AND j.kind = 'repay' AND a.lot = came.seq;
    terms := ledger_find_lot_terms(holder, came.seq);
    own := ledger_sum((ledger_take_own(holder.member_id, holder.currency, came.seq, came.amount)).amounts);
    part := own + settled;
    IF own > 0 THEN
        holder := ledger_log(holder, why, 'merge_out', 'active', 'transferred', own, p_gone,
            p_lots => ARRAY[came.seq], p_lot_amounts => ARRAY[own]);
    END IF;
    IF settled > 0 THEN
        holder := ledger_log(holder, why, 'merge_out', 'debt', 'transferred', settled, p_gone);
    END IF;
    IF part > 0 AND came.credit = 'pending' THEN
        -- It became active in the meantime: it does so here as well.
        SELECT * INTO activated FROM ledger_journal
        WHERE member_id = holder.member_id AND currency = holder.currency AND refers_to = came.seq
            AND kind = 'activate';
        home := ledger_log(home, why, 'merge_in', 'transferred', 'pending', part, p_back, lot,
            p_lots => ARRAY[lot], p_lot_amounts => ARRAY[part]);
        home := ledger_log(home, ROW(activated.occurred_at, why.recorded_at, why.actor, why.source, why.reason,
                opener.rule, opener.programme_version)::ledger_why,
            'activate', 'pending', 'active', part, p_back, lot,
            p_expires_at => activated.expires_at, p_sliding => opener.sliding);
    ELSIF part > 0 THEN
        home := ledger_log(home, why, 'merge_in', 'transferred', 'active', part, p_back,
            p_lots => ARRAY[lot], p_lot_amounts => ARRAY[part]);
    END IF;
    IF part > 0 THEN
        terms_home := ledger_find_lot_terms(home, lot);
        IF terms.graced AND NOT terms_home.graced THEN
            home := ledger_log(home, why, 'extend', 'active', 'active', part, p_back, lot,
                p_lots => ARRAY[lot], p_lot_amounts => ARRAY[part], p_expires_at => terms.expires_at);
        END IF;
        IF opener.sliding AND p_carried_to > terms_home.expires_at THEN
            home := ledger_log(home, why, 'extend', 'active', 'active', part, p_back,
                p_lots => ARRAY[lot], p_lot_amounts => ARRAY[part], p_expires_at => p_carried_to, p_sliding => true);
            home.sliding_until := p_carried_to;
            UPDATE ledger_open_lot SET expires_at = p_carried_to
            WHERE member_id = home.member_id AND currency = home.currency AND sliding AND expires_at < p_carried_to;
            UPDATE ledger_pending_lot SET expires_at = p_carried_to
            WHERE member_id = home.member_id AND currency = home.currency AND sliding AND expires_at < p_carried_to;
        END IF;
        home := ledger_reopen(home, why, p_back, NULL, ARRAY[lot], ARRAY[part], NULL);
        IF (ledger_find_lot_terms(home, lot)).expires_at <= why.occurred_at THEN
            moved.missing := moved.missing + part; -- by its own terms it has lapsed meanwhile
        ELSE
            moved.active := moved.active + part;
        END IF;
    END IF;
    lapsed := ledger_find_lapsed(holder.member_id, holder.currency, came.seq);
    IF lapsed > 0 THEN
        holder := ledger_log(holder, why, 'merge_out', 'expired', 'transferred', lapsed, p_gone,
            p_lots => ARRAY[came.seq], p_lot_amounts => ARRAY[lapsed]);
        home := ledger_log(home, why, 'merge_in', 'transferred', 'expired', lapsed, p_back,
            p_lots => ARRAY[lot], p_lot_amounts => ARRAY[lapsed]);
    END IF;

    -- The rest was spent, or settled something since: it stays.
    SELECT came.amount - settled - coalesce(sum(a.part), 0) INTO left_with_holder
    FROM ledger_journal j CROSS JOIN LATERAL unnest(j.lots, j.lot_amounts) AS a (lot, part)
    WHERE j.member_id = holder.member_id AND j.currency = holder.currency AND j.seq > came.seq
        AND j.kind = 'merge_out' AND a.lot = came.seq;
    moved.missing := moved.missing + left_with_holder;
END;
$$;
