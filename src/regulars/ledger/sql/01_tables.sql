-- Wallets, journal, and what of it is still open. No foreign keys: checks, uniqueness and replay prove it instead.
-- Every key leads with the member, so that the tables can be distributed by member.

-- Limits are domains, not CHECK constraints: those are parsed anew for every single row that is posted, which
-- cost a third of the throughput, while a domain's check is prepared once a session.
CREATE DOMAIN ledger_amount AS bigint CONSTRAINT ledger_never_negative CHECK (VALUE >= 0);
CREATE DOMAIN ledger_movement AS bigint CONSTRAINT ledger_always_positive CHECK (VALUE > 0);

CREATE TABLE ledger_wallet (
    member_id     bigint NOT NULL,
    currency      text COLLATE "C" NOT NULL,
    balance       ledger_amount NOT NULL DEFAULT 0,
    pending       ledger_amount NOT NULL DEFAULT 0,
    held          ledger_amount NOT NULL DEFAULT 0,
    debt          ledger_amount NOT NULL DEFAULT 0,
    version       bigint NOT NULL DEFAULT 0,
    sliding_until timestamptz,
    PRIMARY KEY (member_id, currency)
) WITH (fillfactor = 80);

COMMENT ON TABLE ledger_wallet IS
    'The balance cache of a member in one currency, and the lock of everything that wallet owns.';
COMMENT ON COLUMN ledger_wallet.version IS 'Number of journal entries: the seq of the last one.';
COMMENT ON COLUMN ledger_wallet.sliding_until IS 'Until when activity has carried the lots whose expiry slides.';

CREATE TABLE ledger_journal (
    member_id         bigint NOT NULL,
    seq               bigint NOT NULL,
    posting           bigint NOT NULL,
    amount            ledger_movement NOT NULL,
    balance_after     bigint NOT NULL,
    pending_after     bigint NOT NULL,
    held_after        bigint NOT NULL,
    debt_after        bigint NOT NULL,
    occurred_at       timestamptz NOT NULL,
    recorded_at       timestamptz NOT NULL,
    expires_at        timestamptz,
    activates_at      timestamptz,
    refers_to         bigint,
    input_hash        uuid,
    programme_version integer,
    sliding           boolean NOT NULL DEFAULT false,
    currency          text COLLATE "C" NOT NULL,
    kind              text COLLATE "C" NOT NULL,
    debit             text COLLATE "C" NOT NULL,
    credit            text COLLATE "C" NOT NULL,
    key               text COLLATE "C",
    awaits            text,
    rule              text NOT NULL DEFAULT '',
    source            text NOT NULL DEFAULT '',
    actor             text NOT NULL,
    reason            text NOT NULL DEFAULT '',
    lots              bigint[],
    lot_amounts       bigint[],
    PRIMARY KEY (member_id, currency, seq)
);

COMMENT ON TABLE ledger_journal IS
    'Append-only. One row carries its debit and its credit, so it balances by construction.';
COMMENT ON COLUMN ledger_journal.posting IS 'The first entry of the operation that wrote this one.';
COMMENT ON COLUMN ledger_journal.refers_to IS
    'The entry that this one activates, captures, releases, reverses, waives or refunds.';
COMMENT ON COLUMN ledger_journal.input_hash IS 'The first 128 bits of the SHA-256 of the input behind the key.';
COMMENT ON COLUMN ledger_journal.lots IS 'From which lots the amount came, or to which it went back.';

CREATE UNIQUE INDEX ledger_journal_key ON ledger_journal (member_id, currency, key);
CREATE INDEX ledger_journal_refers_to ON ledger_journal (member_id, currency, refers_to)
    WHERE refers_to IS NOT NULL;

-- What can be spent. A row is deleted when nothing remains, so a spend costs the same at 1 and at 100 lots.
CREATE TABLE ledger_open_lot (
    member_id  bigint NOT NULL,
    currency   text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    opened_at  timestamptz NOT NULL,
    lot_id     bigint NOT NULL,
    remaining  ledger_movement NOT NULL,
    sliding    boolean NOT NULL,
    PRIMARY KEY (member_id, currency, expires_at, opened_at, lot_id)
) WITH (fillfactor = 90);

COMMENT ON COLUMN ledger_open_lot.expires_at IS 'infinity: never.';
COMMENT ON COLUMN ledger_open_lot.lot_id IS 'The seq of the entry that gave the points.';

CREATE INDEX ledger_open_lot_due ON ledger_open_lot (expires_at) WHERE expires_at < 'infinity';

CREATE TABLE ledger_pending_lot (
    member_id    bigint NOT NULL,
    currency     text COLLATE "C" NOT NULL,
    lot_id       bigint NOT NULL,
    remaining    ledger_movement NOT NULL,
    occurred_at  timestamptz NOT NULL,
    activates_at timestamptz,
    expires_at   timestamptz,
    awaits       text,
    sliding      boolean NOT NULL,
    PRIMARY KEY (member_id, currency, lot_id)
) WITH (fillfactor = 90);

CREATE INDEX ledger_pending_lot_due ON ledger_pending_lot (activates_at) WHERE activates_at IS NOT NULL;

CREATE TABLE ledger_open_hold (
    member_id    bigint NOT NULL,
    currency     text COLLATE "C" NOT NULL,
    hold_seq     bigint NOT NULL,
    remaining    ledger_movement NOT NULL,
    times_out_at timestamptz NOT NULL,
    lots         bigint[] NOT NULL,
    lot_amounts  bigint[] NOT NULL,
    PRIMARY KEY (member_id, currency, hold_seq)
) WITH (fillfactor = 90);

CREATE INDEX ledger_open_hold_due ON ledger_open_hold (times_out_at);

CREATE TABLE ledger_merged (
    member_id   bigint PRIMARY KEY,
    into_member bigint NOT NULL,
    merge       bigint NOT NULL,
    CONSTRAINT ledger_merged_into_another CHECK (member_id <> into_member)
);

COMMENT ON TABLE ledger_merged IS 'Whose wallets are carried over to whom. The row goes when the merge is undone.';
COMMENT ON COLUMN ledger_merged.merge IS 'The number of the merge, by which its entries are known.';

CREATE INDEX ledger_merged_into ON ledger_merged (into_member);

-- History is never changed: corrections are new entries.
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger''s journal is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER ledger_journal_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_journal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
