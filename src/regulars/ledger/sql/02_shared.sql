-- What the postings share. Whoever calls these holds the lock of the wallet's row; a wallet that is not there
-- locks nothing, so each posting leaves at once where it finds none.
-- `w` is the wallet as it will be: each entry moves it on, and ledger_keep stores it at the end.

CREATE TYPE ledger_receipt AS (
    status        text,   -- posted | replayed | conflict | unchanged | a refusal's name
    seq           bigint,
    amount        bigint, -- of a refusal: how much is left to take
    balance_after bigint,
    debt_after    bigint
);

CREATE TYPE ledger_reversal AS (
    status          text,
    seq             bigint,
    amount          bigint,
    from_pending    bigint,
    from_own_lot    bigint,
    from_lapsed     bigint,
    from_other_lots bigint,
    into_debt       bigint,
    waived          bigint
);

-- Why an entry is there; the same for all entries of one posting.
CREATE TYPE ledger_why AS (
    occurred_at       timestamptz,
    recorded_at       timestamptz,
    actor             text,
    source            text,
    reason            text,
    rule              text,
    programme_version integer
);

-- `graced`: a refund has let the lot live on once after it had lapsed.
CREATE TYPE ledger_lot_terms AS (opened_at timestamptz, expires_at timestamptz, sliding boolean, graced boolean);

CREATE TYPE ledger_taken AS (
    lots bigint[], amounts bigint[], expires_at timestamptz[], opened_at timestamptz[], sliding boolean[]
);

CREATE FUNCTION ledger_sum(parts bigint[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(sum(part), 0)::bigint FROM unnest(parts) AS part;
$$;

-- Write one entry and move the wallet on by it. The first entry of a posting (p_posting null) carries the key.
CREATE FUNCTION ledger_log(
    w ledger_wallet, why ledger_why, p_kind text, p_debit text, p_credit text, p_amount bigint,
    p_posting bigint DEFAULT NULL, p_refers_to bigint DEFAULT NULL,
    p_key text DEFAULT NULL, p_hash uuid DEFAULT NULL,
    p_lots bigint[] DEFAULT NULL, p_lot_amounts bigint[] DEFAULT NULL,
    p_expires_at timestamptz DEFAULT NULL, p_activates_at timestamptz DEFAULT NULL,
    p_awaits text DEFAULT NULL, p_sliding boolean DEFAULT false
) RETURNS ledger_wallet LANGUAGE plpgsql AS $$
BEGIN
    CASE p_debit
        WHEN p_credit THEN NULL; -- an extension moves nothing
        WHEN 'active' THEN w.balance := w.balance - p_amount;
        WHEN 'pending' THEN w.pending := w.pending - p_amount;
        WHEN 'held' THEN w.held := w.held - p_amount;
        WHEN 'debt' THEN w.debt := w.debt + p_amount;
        ELSE NULL;
    END CASE;
    CASE p_credit
        WHEN p_debit THEN NULL;
        WHEN 'active' THEN w.balance := w.balance + p_amount;
        WHEN 'pending' THEN w.pending := w.pending + p_amount;
        WHEN 'held' THEN w.held := w.held + p_amount;
        WHEN 'debt' THEN w.debt := w.debt - p_amount;
        ELSE NULL;
    END CASE;
    w.version := w.version + 1;
    INSERT INTO ledger_journal (
        member_id, currency, seq, posting, kind, debit, credit, amount,
        balance_after, pending_after, held_after, debt_after,
        occurred_at, recorded_at, expires_at, activates_at, awaits, sliding, refers_to, key, input_hash,
        programme_version, rule, source, actor, reason, lots, lot_amounts
    ) VALUES (
        w.member_id, w.currency, w.version, coalesce(p_posting, w.version), p_kind, p_debit, p_credit, p_amount,
        w.balance, w.pending, w.held, w.debt,
        why.occurred_at, why.recorded_at, p_expires_at, p_activates_at, p_awaits, p_sliding, p_refers_to,
        CASE WHEN coalesce(p_posting, w.version) = w.version THEN p_key END,
        CASE WHEN coalesce(p_posting, w.version) = w.version THEN p_hash END,
        why.programme_version, why.rule, why.source, why.actor, why.reason, p_lots, p_lot_amounts
    );
    RETURN w;
END;
$$;

CREATE FUNCTION ledger_keep(w ledger_wallet) RETURNS void LANGUAGE sql AS $$
    UPDATE ledger_wallet
    SET balance = w.balance, pending = w.pending, held = w.held, debt = w.debt, version = w.version,
        sliding_until = w.sliding_until
    WHERE member_id = w.member_id AND currency = w.currency;
$$;

-- The first answer to a key, a conflict where the input differs, null where the key is new.
CREATE FUNCTION ledger_answer(p_member bigint, p_currency text, p_key text, p_hash uuid)
RETURNS ledger_receipt LANGUAGE plpgsql AS $$
DECLARE
    head ledger_journal;
    entry ledger_journal;
    answer ledger_receipt;
BEGIN
    SELECT * INTO head FROM ledger_journal
    WHERE member_id = p_member AND currency = p_currency AND key = p_key;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF head.input_hash <> p_hash THEN
        answer.status := 'conflict';
        RETURN answer;
    END IF;
    answer.status := 'replayed';
    answer.seq := head.seq;
    answer.amount := 0;
    FOR entry IN
        SELECT * FROM ledger_journal
        WHERE member_id = p_member AND currency = p_currency AND seq >= head.seq ORDER BY seq
    LOOP
        EXIT WHEN entry.posting <> head.seq;
        IF entry.kind = head.kind THEN
            answer.amount := answer.amount + entry.amount;
        END IF;
        answer.balance_after := entry.balance_after;
        answer.debt_after := entry.debt_after;
    END LOOP;
    RETURN answer;
END;
$$;

CREATE FUNCTION ledger_posted(w ledger_wallet, p_seq bigint, p_amount bigint)
RETURNS ledger_receipt LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW('posted', p_seq, p_amount, w.balance, w.debt)::ledger_receipt;
$$;

CREATE FUNCTION ledger_refused(p_status text, p_left bigint DEFAULT NULL)
RETURNS ledger_receipt LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_status, NULL, p_left, NULL, NULL)::ledger_receipt;
$$;

-- Let lapse what is due: one entry for each expiry, as the sweep writes it, so that its timing changes nothing.
CREATE FUNCTION ledger_lapse(w ledger_wallet, p_now timestamptz) RETURNS ledger_wallet LANGUAGE plpgsql AS $$
DECLARE
    due record;
BEGIN
    FOR due IN
        WITH gone AS (
            DELETE FROM ledger_open_lot l
            WHERE l.member_id = w.member_id AND l.currency = w.currency AND l.expires_at <= p_now
            RETURNING l.expires_at, l.opened_at, l.lot_id, l.remaining
        )
        SELECT expires_at, sum(remaining)::bigint AS amount,
            array_agg(lot_id ORDER BY opened_at, lot_id) AS lots,
            array_agg(remaining ORDER BY opened_at, lot_id) AS lot_amounts
        FROM gone GROUP BY expires_at ORDER BY expires_at
    LOOP
        w := ledger_log(
            w, ROW(due.expires_at, p_now, 'system', 'expiry', '', '', NULL)::ledger_why,
            'expire', 'active', 'expired', due.amount,
            p_lots => due.lots, p_lot_amounts => due.lot_amounts, p_expires_at => due.expires_at);
    END LOOP;
    RETURN w;
END;
$$;

-- Take an amount from the open lots: earliest expiry first, never-expiring last, then oldest, then by id.
CREATE FUNCTION ledger_take(p_member bigint, p_currency text, p_amount bigint)
RETURNS ledger_taken LANGUAGE plpgsql AS $$
DECLARE
    lot ledger_open_lot;
    missing bigint := p_amount;
    part bigint;
    -- Plain variables: an element is appended to an array in place, but not to one inside a record.
    lots bigint[];
    amounts bigint[];
    lapses timestamptz[];
    openings timestamptz[];
    slides boolean[];
BEGIN
    IF p_amount = 0 THEN
        RETURN NULL;
    END IF;
    FOR lot IN
        SELECT * FROM ledger_open_lot WHERE member_id = p_member AND currency = p_currency
        ORDER BY expires_at, opened_at, lot_id
    LOOP
        part := least(lot.remaining, missing);
        lots := lots || lot.lot_id;
        amounts := amounts || part;
        lapses := lapses || lot.expires_at;
        openings := openings || lot.opened_at;
        slides := slides || lot.sliding;
        missing := missing - part;
        EXIT WHEN missing = 0;
    END LOOP;
    IF missing > 0 THEN
        RAISE EXCEPTION 'wallet (%, %): the open lots fall % short of the balance', p_member, p_currency, missing
            USING ERRCODE = 'data_corrupted';
    END IF;
    -- Lots used up are the first ones in the key's order: one range.
    IF part < lot.remaining THEN
        UPDATE ledger_open_lot SET remaining = remaining - part
        WHERE member_id = p_member AND currency = p_currency
            AND expires_at = lot.expires_at AND opened_at = lot.opened_at AND lot_id = lot.lot_id;
        IF cardinality(lots) > 1 THEN
            DELETE FROM ledger_open_lot
            WHERE member_id = p_member AND currency = p_currency
                AND (expires_at, opened_at, lot_id) < (lot.expires_at, lot.opened_at, lot.lot_id);
        END IF;
    ELSE
        DELETE FROM ledger_open_lot
        WHERE member_id = p_member AND currency = p_currency
            AND (expires_at, opened_at, lot_id) <= (lot.expires_at, lot.opened_at, lot.lot_id);
    END IF;
    RETURN ROW(lots, amounts, lapses, openings, slides)::ledger_taken;
END;
$$;

-- After a credit was logged: repay debt from it, open a lot with the rest.
CREATE FUNCTION ledger_open(
    w ledger_wallet, why ledger_why, p_posting bigint, p_lot bigint, p_amount bigint,
    p_opened_at timestamptz, p_expires_at timestamptz, p_sliding boolean
) RETURNS ledger_wallet LANGUAGE plpgsql AS $$
DECLARE
    repaid bigint := least(w.debt, p_amount);
BEGIN
    IF repaid > 0 THEN
        w := ledger_log(w, why, 'repay', 'active', 'debt', repaid, p_posting,
            p_lots => ARRAY[p_lot], p_lot_amounts => ARRAY[repaid]);
    END IF;
    IF p_amount > repaid THEN
        INSERT INTO ledger_open_lot (member_id, currency, expires_at, opened_at, lot_id, remaining, sliding)
        VALUES (w.member_id, w.currency,
            CASE WHEN p_sliding THEN greatest(coalesce(p_expires_at, 'infinity'), w.sliding_until)
                ELSE coalesce(p_expires_at, 'infinity') END,
            p_opened_at, p_lot, p_amount - repaid, p_sliding);
    END IF;
    RETURN w;
END;
$$;

-- When a lot was opened and when it lapses, as history tells it: the row itself may be used up and gone.
CREATE FUNCTION ledger_find_lot_terms(w ledger_wallet, p_lot bigint)
RETURNS ledger_lot_terms LANGUAGE plpgsql AS $$
DECLARE
    terms ledger_lot_terms;
    grace timestamptz;
BEGIN
    SELECT coalesce(activation.occurred_at, opener.activates_at, opener.occurred_at),
        coalesce(CASE WHEN activation.seq IS NULL THEN opener.expires_at ELSE activation.expires_at END, 'infinity'),
        opener.sliding, false
    INTO terms
    FROM ledger_journal opener
    LEFT JOIN ledger_journal activation
        ON activation.member_id = opener.member_id AND activation.currency = opener.currency
        AND activation.refers_to = opener.seq AND activation.kind = 'activate'
    WHERE opener.member_id = w.member_id AND opener.currency = w.currency AND opener.seq = p_lot;

    SELECT spared.expires_at INTO grace
    FROM ledger_journal spared
    WHERE spared.member_id = w.member_id AND spared.currency = w.currency AND spared.refers_to IS NOT NULL
        AND spared.kind = 'extend' AND NOT spared.sliding AND p_lot = ANY (spared.lots)
    ORDER BY spared.seq DESC LIMIT 1;
    terms.graced := grace IS NOT NULL;
    terms.expires_at := coalesce(grace, terms.expires_at);

    IF terms.sliding THEN
        terms.expires_at := greatest(terms.expires_at, w.sliding_until);
    END IF;
    RETURN terms;
END;
$$;

-- Give an amount back to the lots it came from, in the order given: debt first; then to what stood in for a lot
-- (ledger_restore), the rest to the lot itself. What is alive opens again; what has lapsed meanwhile lapses again or,
-- with grace, lives until p_grace_until. A lot gets grace once: else points would live for ever that are spent before
-- each end and given back after it.
CREATE FUNCTION ledger_give_back(
    w ledger_wallet, why ledger_why, p_kind text, p_debit text, p_refers_to bigint,
    p_lots bigint[], p_amounts bigint[], p_key text, p_hash uuid, p_grace_until timestamptz
) RETURNS ledger_wallet LANGUAGE plpgsql AS $$
DECLARE
    posting bigint := w.version + 1;
    amount bigint := ledger_sum(p_amounts);
    repaid bigint := least(w.debt, amount);
    part ledger_taken;
BEGIN
    w := ledger_log(w, why, p_kind, p_debit, 'active', amount, posting, p_refers_to, p_key, p_hash, p_lots, p_amounts);
    IF repaid > 0 THEN
        part := ledger_cut(p_lots, p_amounts, 0, repaid, false);
        w := ledger_log(w, why, 'repay', 'active', 'debt', repaid, posting,
            p_lots => part.lots, p_lot_amounts => part.amounts);
    END IF;
    IF amount > repaid THEN
        part := ledger_cut(p_lots, p_amounts, repaid, amount - repaid, false);
        w := ledger_restore(w, why, posting, p_refers_to, part.lots, part.amounts, p_grace_until);
    END IF;
    RETURN w;
END;
$$;

-- Put points of locked lots where they belong, after they were logged as active.
CREATE FUNCTION ledger_reopen(
    w ledger_wallet, why ledger_why, p_posting bigint, p_refers_to bigint,
    p_lots bigint[], p_amounts bigint[], p_grace_until timestamptz
) RETURNS ledger_wallet LANGUAGE plpgsql AS $$
DECLARE
    terms ledger_lot_terms;
    graced ledger_taken;
    gone ledger_taken;
BEGIN
    FOR i IN 1 .. cardinality(p_lots) LOOP
        terms := ledger_find_lot_terms(w, p_lots[i]);
        IF terms.expires_at <= why.occurred_at AND (terms.graced OR p_grace_until IS NULL) THEN
            gone.lots := gone.lots || p_lots[i];
            gone.amounts := gone.amounts || p_amounts[i];
            CONTINUE;
        ELSIF terms.expires_at <= why.occurred_at THEN
            graced.lots := graced.lots || p_lots[i];
            graced.amounts := graced.amounts || p_amounts[i];
            terms.expires_at := p_grace_until;
        END IF;
        INSERT INTO ledger_open_lot AS l (member_id, currency, expires_at, opened_at, lot_id, remaining, sliding)
        VALUES (w.member_id, w.currency, terms.expires_at, terms.opened_at, p_lots[i], p_amounts[i], terms.sliding)
        ON CONFLICT (member_id, currency, expires_at, opened_at, lot_id)
        DO UPDATE SET remaining = l.remaining + excluded.remaining;
    END LOOP;
    IF graced.lots IS NOT NULL THEN
        w := ledger_log(w, why, 'extend', 'active', 'active', ledger_sum(graced.amounts), p_posting, p_refers_to,
            p_lots => graced.lots, p_lot_amounts => graced.amounts, p_expires_at => p_grace_until);
    END IF;
    IF gone.lots IS NOT NULL THEN
        w := ledger_log(w, why, 'expire', 'active', 'expired', ledger_sum(gone.amounts), p_posting,
            p_lots => gone.lots, p_lot_amounts => gone.amounts);
    END IF;
    RETURN w;
END;
$$;
