"""Negative controls: guards taken out of the test's own database. A judge who is content then is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString

from tests.faults.judge import Wrong
from tests.faults.world import World

# Looks first, posts later, and writes what follows from what it saw: a posting without the wallet's lock.
WITHOUT_WALLET_LOCK = """
    ALTER FUNCTION ledger_debit RENAME TO ledger_debit_with_lock;
    DO $sabotage$
    DECLARE
        original oid := 'ledger_debit_with_lock'::regproc;
    BEGIN
        EXECUTE format(
            $make$
            CREATE FUNCTION ledger_debit(%s) RETURNS ledger_receipt LANGUAGE plpgsql AS $body$
            DECLARE
                seen bigint := (
                    SELECT balance FROM ledger_wallet WHERE member_id = p_member AND currency = p_currency);
                answer ledger_receipt;
            BEGIN
                PERFORM pg_sleep(0.02);
                answer := ledger_debit_with_lock(%s);
                IF answer.status = 'posted' THEN
                    UPDATE ledger_wallet SET balance = greatest(seen - p_amount, 0)
                    WHERE member_id = p_member AND currency = p_currency;
                END IF;
                RETURN answer;
            END;
            $body$
            $make$,
            pg_get_function_arguments(original),
            (SELECT string_agg(name, ', ' ORDER BY place)
                FROM pg_proc, unnest(proargnames) WITH ORDINALITY AS n (name, place) WHERE oid = original)
        );
    END;
    $sabotage$;
"""
# What is kept under a key is kept under another one: nobody finds it again, and nothing is in its way.
WITHOUT_KEY_CHECK = """
    CREATE FUNCTION forget_key() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.key := NEW.key || '~' || gen_random_uuid();
        RETURN NEW;
    END;
    $$;
    CREATE TRIGGER forget_key BEFORE INSERT ON ledger_journal
        FOR EACH ROW WHEN (NEW.key IS NOT NULL) EXECUTE FUNCTION forget_key();
    CREATE TRIGGER forget_key BEFORE INSERT ON trail_storedanswer
        FOR EACH ROW EXECUTE FUNCTION forget_key();
"""
GIVE_KEY_CHECK_BACK = """
    DROP TRIGGER forget_key ON ledger_journal;
    DROP TRIGGER forget_key ON trail_storedanswer;
    DROP FUNCTION forget_key;
"""
GIVE_WALLET_LOCK_BACK = """
    DROP FUNCTION ledger_debit;
    ALTER FUNCTION ledger_debit_with_lock RENAME TO ledger_debit;
"""


@dataclass(frozen=True, slots=True)
class Guard:
    """How it is taken away and given back, and what the judge must find in between."""

    take_away: LiteralString
    give_back: LiteralString
    found: Wrong


# In this order: what is posted without the lock stays wrong for ever.
GUARDS = {
    "the key check": Guard(WITHOUT_KEY_CHECK, GIVE_KEY_CHECK_BACK, Wrong.DOUBLED),
    "the wallet's lock": Guard(WITHOUT_WALLET_LOCK, GIVE_WALLET_LOCK_BACK, Wrong.REPLAY),
}


@contextmanager
def without(world: World, guard: Guard) -> Iterator[None]:
    """Raises where the guard is no longer where this knows it to be."""
    with world.database() as connection:
        connection.execute(guard.take_away)
    try:
        yield
    finally:
        with world.database() as connection:
            connection.execute(guard.give_back)
