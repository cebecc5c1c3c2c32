from django.db import migrations

# Who wrote a change, so that subscribers read in the order of transactions; and what is written stays, but for
# the facts, which go when a person is erased.
FORWARDS = """
ALTER TABLE segments_change ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX segments_change_in_order ON segments_change (xid, id);
CREATE FUNCTION segments_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.id, NEW.segment_id, NEW.member_id, NEW.entered, NEW.happened_at, NEW.version, NEW.cause)
        IS DISTINCT FROM
        (OLD.id, OLD.segment_id, OLD.member_id, OLD.entered, OLD.happened_at, OLD.version, OLD.cause)
        OR NEW.facts <> '{}'
    THEN
        RAISE EXCEPTION '% on % is refused: its rows are append-only', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER segments_change_append_only BEFORE UPDATE OR DELETE ON segments_change
    FOR EACH ROW EXECUTE FUNCTION segments_refuse_change();
"""
BACKWARDS = """
DROP TRIGGER segments_change_append_only ON segments_change;
DROP FUNCTION segments_refuse_change();
DROP INDEX segments_change_in_order;
ALTER TABLE segments_change DROP COLUMN xid;
"""


class Migration(migrations.Migration):
    dependencies = [("segments", "0001_segments")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
