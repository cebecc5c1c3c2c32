-- Sealing: each wallet's journal is a hash chain, and the heads of all chains are the leaves of a Merkle tree whose
-- root is signed. Nothing here is called by a posting: a job walks the wallets that have moved on. What is hashed,
-- byte for byte, stands in docs/proofs.md; `regulars.proofs` computes the same without a database.

-- One run of entries of a wallet, sealed together: up to `seq`, for a checkpoint.
CREATE TABLE ledger_seal (
    member_id  bigint NOT NULL,
    seq        bigint NOT NULL,
    checkpoint bigint NOT NULL,
    balance    bigint NOT NULL,
    pending    bigint NOT NULL,
    held       bigint NOT NULL,
    debt       bigint NOT NULL,
    currency   text COLLATE "C" NOT NULL,
    links      bytea NOT NULL CHECK (octet_length(links) > 0 AND octet_length(links) % 32 = 0),
    PRIMARY KEY (member_id, currency, seq)
);
ALTER TABLE ledger_seal ALTER COLUMN links SET STORAGE EXTERNAL; -- hashes do not compress

COMMENT ON COLUMN ledger_seal.seq IS 'The last entry of the run; the balances are those after it.';
COMMENT ON COLUMN ledger_seal.checkpoint IS 'The number of the checkpoint that is to cover the run.';
COMMENT ON COLUMN ledger_seal.links IS 'One link (SHA-256, 32 bytes) for each entry of the run, in their order.';

-- How far each wallet is sealed: where the next run begins, and a leaf of the next tree.
CREATE TABLE ledger_head (
    member_id  bigint NOT NULL,
    leaf       bigint NOT NULL,
    seq        bigint NOT NULL,
    balance    bigint NOT NULL,
    pending    bigint NOT NULL,
    held       bigint NOT NULL,
    debt       bigint NOT NULL,
    currency   text COLLATE "C" NOT NULL,
    start      bytea NOT NULL CHECK (octet_length(start) = 32),
    head       bytea NOT NULL CHECK (octet_length(head) = 32),
    PRIMARY KEY (member_id, currency)
) WITH (fillfactor = 80);
CREATE INDEX ledger_head_leaf ON ledger_head (leaf);

COMMENT ON COLUMN ledger_head.leaf IS 'The wallet''s place in the tree, from 0, given when it is first sealed and kept.';
COMMENT ON COLUMN ledger_head.start IS
    'What the first link is made from: random, so that nobody finds a neighbour''s history by trying.';

CREATE TABLE ledger_signing_key (
    key_id      bytea PRIMARY KEY CHECK (octet_length(key_id) = 16),
    public_key  bytea NOT NULL CHECK (octet_length(public_key) = 32),
    created_at  timestamptz NOT NULL,
    predecessor bytea,
    endorsement bytea
);

CREATE TABLE ledger_checkpoint (
    number    bigint PRIMARY KEY CHECK (number > 0),
    continues bigint NOT NULL,
    wallets   bigint NOT NULL,
    entries   bigint NOT NULL,
    sealed_at timestamptz NOT NULL,
    encoding  integer NOT NULL,
    previous  bytea NOT NULL,
    root      bytea NOT NULL,
    key_id    bytea NOT NULL,
    signature bytea NOT NULL,
    blocks    bytea NOT NULL,
    is_lost   boolean NOT NULL DEFAULT false
);
ALTER TABLE ledger_checkpoint ALTER COLUMN blocks SET STORAGE EXTERNAL;

COMMENT ON COLUMN ledger_checkpoint.continues IS
    'The checkpoint whose state this one continues: the one before, or an older one after a restore.';
COMMENT ON COLUMN ledger_checkpoint.is_lost IS
    'Taken up again from its published file after a restore: what it sealed is gone. The next one says so, signed.';
COMMENT ON COLUMN ledger_checkpoint.blocks IS 'The node above each 256 leaves: for proofs, and to say where a root is wrong.';

CREATE FUNCTION ledger_refuse_resealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is sealed stays: % of % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE TRIGGER ledger_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_resealing();
CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_resealing();
CREATE TRIGGER ledger_signing_key_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_signing_key
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_resealing();

-- The canonical encoding, version 1. Simple SELECTs, so that the planner puts them in place of the call.
CREATE FUNCTION ledger_encode_text(word text) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT int4send(octet_length(word)) || convert_to(word, 'UTF8');
$$;

CREATE FUNCTION ledger_encode_entry(j ledger_journal) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT int8send(j.member_id) || ledger_encode_text(j.currency) || int8send(j.seq) || int8send(j.posting)
        || ledger_encode_text(j.kind) || ledger_encode_text(j.debit) || ledger_encode_text(j.credit)
        || int8send(j.amount::bigint) || int8send(j.balance_after) || int8send(j.pending_after)
        || int8send(j.held_after) || int8send(j.debt_after)
        || timestamptz_send(j.occurred_at) || timestamptz_send(j.recorded_at)
        || CASE WHEN j.expires_at IS NULL THEN '\x00'::bytea ELSE '\x01'::bytea || timestamptz_send(j.expires_at) END
        || CASE WHEN j.activates_at IS NULL THEN '\x00'::bytea ELSE '\x01'::bytea || timestamptz_send(j.activates_at) END
        || CASE WHEN j.awaits IS NULL THEN '\x00'::bytea ELSE '\x01'::bytea || ledger_encode_text(j.awaits) END
        || CASE WHEN j.sliding THEN '\x01'::bytea ELSE '\x00'::bytea END
        || CASE WHEN j.refers_to IS NULL THEN '\x00'::bytea ELSE '\x01'::bytea || int8send(j.refers_to) END
        || CASE WHEN j.programme_version IS NULL THEN '\x00'::bytea
            ELSE '\x01'::bytea || int8send(j.programme_version) END
        || ledger_encode_text(j.rule)
        -- Of who and why only what names rows of this system: kinds and numbers, never a free text.
        || ledger_encode_text(CASE WHEN j.source ~ '^[a-z_]+:[0-9]{1,18}$' THEN j.source ELSE '' END)
        || ledger_encode_text(coalesce(substring(j.actor FROM '^[a-z_]+(?::[0-9]{1,18}$|(?=:)|$)'), ''))
        || int4send(coalesce(cardinality(j.lots), 0))
        -- Each element of an array is sent as its length, 8, and its value.
        || CASE WHEN j.lots IS NULL THEN ''::bytea
            ELSE substr(array_send(j.lots), 21) || substr(array_send(j.lot_amounts), 21) END;
$$;

CREATE FUNCTION ledger_encode_leaf(
    member_id bigint, currency text, seq bigint, balance bigint, pending bigint, held bigint, debt bigint, head bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT '\x01'::bytea || int8send(member_id) || ledger_encode_text(currency) || int8send(seq)
        || int8send(balance) || int8send(pending) || int8send(held) || int8send(debt) || head;
$$;

CREATE FUNCTION ledger_add_link(links bytea, start bytea, body bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF links = '' THEN
        RETURN sha256('\x0201'::bytea || start || body);
    END IF;
    RETURN links || sha256('\x0201'::bytea || substr(links, octet_length(links) - 31) || body);
END;
$$;

-- The links of entries in order, one after the other; the first is made from `start`.
CREATE AGGREGATE ledger_chain(start bytea, body bytea) (sfunc = ledger_add_link, stype = bytea, initcond = '');

CREATE TYPE ledger_stride AS (
    wallets bigint, entries bigint, broken bigint, member_id bigint, currency text, more boolean
);

-- Seal what some wallets, the next after (p_member, p_currency), have posted since: at most about p_entries, and of
-- one wallet 500 at a time. Whoever calls this holds the lock of the sealing. It waits for no posting and no posting
-- for it: entries of a wallet become visible in their order. A wallet of which an entry is missing is left alone.
CREATE FUNCTION ledger_seal_step(
    p_checkpoint bigint, p_member bigint, p_currency text, p_wallets integer, p_entries integer
) RETURNS ledger_stride LANGUAGE plpgsql
-- A page of wallets is looked up row by row, however large the tables are.
SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    answer ledger_stride;
BEGIN
    WITH page AS MATERIALIZED (
        SELECT w.member_id, w.currency, w.version FROM ledger_wallet w
        WHERE (w.member_id, w.currency) > (p_member, p_currency)
        ORDER BY w.member_id, w.currency LIMIT p_wallets
    ), behind AS MATERIALIZED (
        SELECT p.member_id, p.currency, coalesce(h.seq, 0) AS sealed, least(p.version - coalesce(h.seq, 0), 500) AS number,
            p.version - coalesce(h.seq, 0) > 500 AS is_cut, h.leaf, h.start, h.head
        FROM page p LEFT JOIN ledger_head h ON h.member_id = p.member_id AND h.currency = p.currency
        WHERE p.version > coalesce(h.seq, 0)
    ), counted AS MATERIALIZED (
        SELECT *, sum(number) OVER (ORDER BY member_id, currency) - number < p_entries AS is_taken FROM behind
    ), taken AS MATERIALIZED (
        SELECT member_id, currency, sealed, number, is_cut, leaf, head,
            coalesce(start, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) AS start
        FROM counted WHERE is_taken
    ), chained AS MATERIALIZED (
        SELECT c.member_id, c.currency, c.sealed + c.number AS seq, c.leaf, c.start, c.number, c.is_cut, j.*
        FROM taken c CROSS JOIN LATERAL (
            SELECT ledger_chain(coalesce(c.head, c.start), ledger_encode_entry(j) ORDER BY j.seq) AS links,
                count(*) AS present,
                max(j.balance_after) FILTER (WHERE j.seq = c.sealed + c.number) AS balance,
                max(j.pending_after) FILTER (WHERE j.seq = c.sealed + c.number) AS pending,
                max(j.held_after) FILTER (WHERE j.seq = c.sealed + c.number) AS held,
                max(j.debt_after) FILTER (WHERE j.seq = c.sealed + c.number) AS debt
            FROM ledger_journal j
            WHERE j.member_id = c.member_id AND j.currency = c.currency
                AND j.seq > c.sealed AND j.seq <= c.sealed + c.number
        ) AS j
    ), placed AS MATERIALIZED (
        SELECT *, coalesce(leaf, (SELECT coalesce(max(leaf), -1) FROM ledger_head)
            + row_number() OVER (PARTITION BY leaf IS NULL ORDER BY member_id, currency)) AS place
        FROM chained WHERE present = number
    ), sealed AS (
        INSERT INTO ledger_seal (member_id, currency, seq, checkpoint, balance, pending, held, debt, links)
        SELECT member_id, currency, seq, p_checkpoint, balance, pending, held, debt, links FROM placed
    ), moved AS (
        INSERT INTO ledger_head AS h (member_id, currency, leaf, seq, balance, pending, held, debt, start, head)
        SELECT member_id, currency, place, seq, balance, pending, held, debt, start, substr(links, octet_length(links) - 31)
        FROM placed
        ON CONFLICT (member_id, currency) DO UPDATE SET seq = EXCLUDED.seq, balance = EXCLUDED.balance,
            pending = EXCLUDED.pending, held = EXCLUDED.held, debt = EXCLUDED.debt, head = EXCLUDED.head
    ), unfinished AS (
        SELECT min(c.member_id) AS member_id FROM counted c
        WHERE NOT c.is_taken OR c.is_cut AND EXISTS (
            SELECT FROM placed d WHERE d.member_id = c.member_id AND d.currency = c.currency)
    ), last AS (
        SELECT member_id, currency FROM page ORDER BY member_id DESC, currency DESC LIMIT 1
    )
    SELECT (SELECT count(*) FROM placed), (SELECT coalesce(sum(number), 0) FROM placed),
        (SELECT count(*) FROM chained WHERE present <> number),
        coalesce(u.member_id, l.member_id), CASE WHEN u.member_id IS NULL THEN l.currency ELSE '' END,
        u.member_id IS NOT NULL OR (SELECT count(*) FROM page) = p_wallets
    INTO answer FROM unfinished u LEFT JOIN last l ON true;
    RETURN answer;
END;
$$;

-- The leaves of the next tree, 256 to a block, as they are hashed.
CREATE FUNCTION ledger_seal_blocks(p_from bigint, p_to bigint)
RETURNS TABLE (block bigint, leaves bytea, entries bigint) LANGUAGE sql STABLE AS $$
    SELECT leaf / 256,
        string_agg(sha256('\x00'::bytea || ledger_encode_leaf(member_id, currency, seq, balance, pending, held, debt, head)),
            ''::bytea ORDER BY leaf),
        sum(seq)::bigint
    FROM ledger_head WHERE leaf >= p_from AND leaf < p_to GROUP BY 1 ORDER BY 1;
$$;

-- Some leaves as they were for a checkpoint.
CREATE FUNCTION ledger_leaves_at(p_checkpoint bigint, p_from bigint, p_to bigint)
RETURNS TABLE (leaf bigint, node bytea) LANGUAGE sql STABLE AS $$
    SELECT h.leaf, sha256('\x00'::bytea || ledger_encode_leaf(
        s.member_id, s.currency, s.seq, s.balance, s.pending, s.held, s.debt, substr(s.links, octet_length(s.links) - 31)))
    FROM ledger_head h CROSS JOIN LATERAL (
        SELECT * FROM ledger_seal r
        WHERE r.member_id = h.member_id AND r.currency = h.currency AND r.checkpoint <= p_checkpoint
        ORDER BY r.seq DESC LIMIT 1
    ) AS s
    WHERE h.leaf >= p_from AND h.leaf < p_to ORDER BY h.leaf;
$$;

-- Every sealed entry hashed again, from what the journal holds now; as the functions of 09_prove.sql.
CREATE FUNCTION ledger_prove_links(p_low bigint, p_high bigint, p_limit integer)
RETURNS SETOF ledger_problem LANGUAGE sql STABLE AS $$
    WITH run AS (
        SELECT s.*, octet_length(links) / 32 AS number, substr(links, octet_length(links) - 31) AS last_link
        FROM ledger_seal s WHERE member_id BETWEEN p_low AND p_high
    ), placed AS (
        SELECT r.*, lag(seq, 1, 0::bigint) OVER w AS before, lag(last_link) OVER w AS link_before,
            lead(seq) OVER w IS NULL AS is_last
        FROM run r WINDOW w AS (PARTITION BY member_id, currency ORDER BY seq)
    ), checked AS (
        SELECT p.*, c.present, c.chain, (c.balance, c.pending, c.held, c.debt)
                IS DISTINCT FROM (p.balance, p.pending, p.held, p.debt) AS is_off,
            h.start, p.is_last AND (h.seq, h.head, h.balance, h.pending, h.held, h.debt)
                IS DISTINCT FROM (p.seq, p.last_link, p.balance, p.pending, p.held, p.debt) AS is_headless
        FROM placed p
        LEFT JOIN ledger_head h ON h.member_id = p.member_id AND h.currency = p.currency
        CROSS JOIN LATERAL (
            SELECT count(*) AS present,
                ledger_chain(coalesce(p.link_before, h.start), ledger_encode_entry(j) ORDER BY j.seq) AS chain,
                max(j.balance_after) FILTER (WHERE j.seq = p.seq) AS balance,
                max(j.pending_after) FILTER (WHERE j.seq = p.seq) AS pending,
                max(j.held_after) FILTER (WHERE j.seq = p.seq) AS held,
                max(j.debt_after) FILTER (WHERE j.seq = p.seq) AS debt
            FROM ledger_journal j WHERE j.member_id = p.member_id AND j.currency = p.currency
                AND j.seq > p.before AND j.seq <= p.seq
        ) AS c
    ), wrong AS (
        SELECT member_id, currency, before + 1 AS seq, 'the seal of this entry is missing' AS what
        FROM checked WHERE before + number <> seq
        UNION ALL
        SELECT member_id, currency, (
                SELECT min(n) FROM generate_series(before + 1, seq) AS n WHERE NOT EXISTS (
                    SELECT FROM ledger_journal j
                    WHERE j.member_id = checked.member_id AND j.currency = checked.currency AND j.seq = n)),
            format('it was sealed for checkpoint %s, and is missing now', checkpoint)
        FROM checked WHERE before + number = seq AND present <> number
        UNION ALL
        SELECT member_id, currency, before + (
                SELECT min(n) FROM generate_series(1, number) AS n
                WHERE substr(chain, n * 32 - 31, 32) <> substr(links, n * 32 - 31, 32)),
            format('it is not what was sealed for checkpoint %s', checkpoint)
        FROM checked WHERE before + number = seq AND present = number AND chain <> links
        UNION ALL
        SELECT member_id, currency, seq, format('the seal for checkpoint %s states other balances after it', checkpoint)
        FROM checked WHERE before + number = seq AND present = number AND chain = links AND is_off
        UNION ALL
        SELECT member_id, currency, seq, 'it is the last one sealed, and the head of the chain says otherwise'
        FROM checked WHERE is_headless
        UNION ALL
        SELECT member_id, currency, h.seq, 'the head of the chain is there, and no seal'
        FROM ledger_head h WHERE member_id BETWEEN p_low AND p_high AND NOT EXISTS (
            SELECT FROM ledger_seal s WHERE s.member_id = h.member_id AND s.currency = h.currency)
    )
    SELECT DISTINCT ON (member_id, currency) member_id, currency, seq, what
    FROM wrong ORDER BY member_id, currency, seq LIMIT p_limit;
$$;
