-- Credits. Locks: the wallet's row.

-- Whether a credit can be spent at once. Where both are given, the event activates it early.
CREATE FUNCTION ledger_is_active(p_activates_at timestamptz, p_awaits text, p_now timestamptz)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_activates_at IS NULL THEN p_awaits IS NULL ELSE p_activates_at <= p_now END;
$$;

-- One credit: wallet, journal, lot. Debt is repaid first, by ledger_earn_in_debt.
CREATE FUNCTION ledger_earn(
    p_member bigint, p_currency text, p_amount bigint, p_occurred_at timestamptz, p_key text, p_hash uuid,
    p_expires_at timestamptz, p_activates_at timestamptz, p_awaits text, p_sliding boolean,
    p_programme_version integer, p_rule text, p_source text, p_actor text, p_now timestamptz,
    p_reason text DEFAULT ''
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    active boolean := ledger_is_active(p_activates_at, p_awaits, p_now);
    n_seq bigint;
    n_balance bigint;
    n_pending bigint;
    n_held bigint;
    n_debt bigint;
    n_until timestamptz;
BEGIN
    LOOP
        IF active THEN
            UPDATE ledger_wallet SET balance = balance + p_amount, version = version + 1
            WHERE member_id = p_member AND currency = p_currency AND debt = 0
            RETURNING version, balance, pending, held, debt, sliding_until
            INTO n_seq, n_balance, n_pending, n_held, n_debt, n_until;
        ELSE
            UPDATE ledger_wallet SET pending = pending + p_amount, version = version + 1
            WHERE member_id = p_member AND currency = p_currency
            RETURNING version, balance, pending, held, debt, sliding_until
            INTO n_seq, n_balance, n_pending, n_held, n_debt, n_until;
        END IF;
        EXIT WHEN FOUND;
        INSERT INTO ledger_wallet (member_id, currency) VALUES (p_member, p_currency) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RETURN ledger_earn_in_debt(p_member, p_currency, p_amount, p_occurred_at, p_key, p_hash, p_expires_at,
                p_activates_at, p_awaits, p_sliding, p_programme_version, p_rule, p_source, p_actor, p_now, p_reason);
        END IF;
    END LOOP;

    INSERT INTO ledger_journal (
        member_id, currency, seq, posting, kind, debit, credit, amount,
        balance_after, pending_after, held_after, debt_after,
        occurred_at, recorded_at, expires_at, activates_at, awaits, sliding, key, input_hash,
        programme_version, rule, source, actor, reason
    ) VALUES (
        p_member, p_currency, n_seq, n_seq, 'earn', 'issued', CASE WHEN active THEN 'active' ELSE 'pending' END,
        p_amount, n_balance, n_pending, n_held, n_debt,
        p_occurred_at, p_now, p_expires_at, p_activates_at, p_awaits, p_sliding, p_key, p_hash,
        p_programme_version, p_rule, p_source, p_actor, p_reason
    ) ON CONFLICT (member_id, currency, key) DO NOTHING;
    IF NOT FOUND THEN
        UPDATE ledger_wallet
        SET balance = balance - CASE WHEN active THEN p_amount ELSE 0 END,
            pending = pending - CASE WHEN active THEN 0 ELSE p_amount END,
            version = version - 1
        WHERE member_id = p_member AND currency = p_currency;
        RETURN ledger_answer(p_member, p_currency, p_key, p_hash);
    END IF;

    IF active THEN
        INSERT INTO ledger_open_lot (member_id, currency, expires_at, opened_at, lot_id, remaining, sliding)
        VALUES (p_member, p_currency,
            CASE WHEN p_sliding THEN greatest(coalesce(p_expires_at, 'infinity'), n_until)
                ELSE coalesce(p_expires_at, 'infinity') END,
            coalesce(p_activates_at, p_occurred_at), n_seq, p_amount, p_sliding);
    ELSE
        INSERT INTO ledger_pending_lot (
            member_id, currency, lot_id, remaining, occurred_at, activates_at, expires_at, awaits, sliding)
        VALUES (p_member, p_currency, n_seq, p_amount, p_occurred_at, p_activates_at,
            CASE WHEN p_sliding AND p_expires_at IS NOT NULL THEN greatest(p_expires_at, n_until)
                ELSE p_expires_at END, p_awaits, p_sliding);
    END IF;
    RETURN ROW('posted', n_seq, p_amount, n_balance, n_debt)::ledger_receipt;
END;
$$;

-- The same for an active credit to a wallet that owes.
CREATE FUNCTION ledger_earn_in_debt(
    p_member bigint, p_currency text, p_amount bigint, p_occurred_at timestamptz, p_key text, p_hash uuid,
    p_expires_at timestamptz, p_activates_at timestamptz, p_awaits text, p_sliding boolean,
    p_programme_version integer, p_rule text, p_source text, p_actor text, p_now timestamptz,
    p_reason text
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    w ledger_wallet;
    answer ledger_receipt;
    posting bigint;
    why ledger_why := ROW(p_occurred_at, p_now, p_actor, p_source, p_reason, p_rule, p_programme_version);
BEGIN
    SELECT * INTO w FROM ledger_wallet WHERE member_id = p_member AND currency = p_currency FOR UPDATE;
    answer := ledger_answer(p_member, p_currency, p_key, p_hash);
    IF answer.status IS NOT NULL THEN
        RETURN answer;
    END IF;
    posting := w.version + 1;
    w := ledger_log(w, why, 'earn', 'issued', 'active', p_amount, p_key => p_key, p_hash => p_hash,
        p_expires_at => p_expires_at, p_activates_at => p_activates_at, p_awaits => p_awaits, p_sliding => p_sliding);
    w := ledger_open(w, why, posting, posting, p_amount, coalesce(p_activates_at, p_occurred_at), p_expires_at,
        p_sliding);
    PERFORM ledger_keep(w);
    RETURN ledger_posted(w, posting, p_amount);
END;
$$;

-- Lock wallets in ascending order, making those that are missing.
CREATE FUNCTION ledger_lock(p_members bigint[], p_currencies text[]) RETURNS void LANGUAGE sql AS $$
    -- The update never happens (WHERE false), but its row is locked, and in the order of the rows given.
    INSERT INTO ledger_wallet AS w (member_id, currency)
    SELECT DISTINCT m, c COLLATE "C" AS c FROM unnest(p_members, p_currencies) AS u (m, c) ORDER BY m, c
    ON CONFLICT (member_id, currency) DO UPDATE SET version = w.version WHERE false;
$$;

-- Points that were pending become active: their validity begins. Locks are held, nothing is stored for `w` yet.
CREATE FUNCTION ledger_activate_lot(
    w ledger_wallet, why ledger_why, p_lot bigint, p_expires_at timestamptz, p_key text, p_hash uuid
) RETURNS ledger_wallet LANGUAGE plpgsql AS $$
DECLARE
    lot ledger_pending_lot;
    posting bigint := w.version + 1;
BEGIN
    DELETE FROM ledger_pending_lot
    WHERE member_id = w.member_id AND currency = w.currency AND lot_id = p_lot RETURNING * INTO lot;
    w := ledger_log(w, why, 'activate', 'pending', 'active', lot.remaining, p_refers_to => p_lot,
        p_key => p_key, p_hash => p_hash, p_expires_at => p_expires_at, p_sliding => lot.sliding);
    RETURN ledger_open(w, why, posting, p_lot, lot.remaining, why.occurred_at, p_expires_at, lot.sliding);
END;
$$;

-- Activate one pending credit, because what it waited for has happened.
CREATE FUNCTION ledger_activate(
    p_member bigint, p_currency text, p_seq bigint, p_expires_at timestamptz, p_key text, p_hash uuid,
    p_occurred_at timestamptz, p_source text, p_reason text, p_actor text, p_now timestamptz
) RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    w ledger_wallet;
    answer ledger_receipt;
    earned ledger_journal;
    posting bigint;
BEGIN
    SELECT * INTO w FROM ledger_wallet WHERE member_id = p_member AND currency = p_currency FOR UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refused('not_found');
    END IF;
    answer := ledger_answer(p_member, p_currency, p_key, p_hash);
    IF answer.status IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO earned FROM ledger_journal WHERE member_id = p_member AND currency = p_currency AND seq = p_seq;
    IF NOT FOUND THEN
        RETURN ledger_refused('not_found');
    END IF;
    PERFORM FROM ledger_pending_lot WHERE member_id = p_member AND currency = p_currency AND lot_id = p_seq;
    IF NOT FOUND THEN
        RETURN ledger_refused('not_pending');
    END IF;
    posting := w.version + 1;
    w := ledger_activate_lot(w, ROW(p_occurred_at, p_now, p_actor, p_source, p_reason, earned.rule,
        earned.programme_version)::ledger_why, p_seq, p_expires_at, p_key, p_hash);
    PERFORM ledger_keep(w);
    answer := ledger_answer(p_member, p_currency, p_key, p_hash);
    answer.status := 'posted';
    RETURN answer;
END;
$$;
