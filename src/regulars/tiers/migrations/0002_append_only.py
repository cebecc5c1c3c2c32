from django.db import migrations

FORWARDS = """
CREATE FUNCTION tiers_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER tiers_tierchange_append_only BEFORE UPDATE OR DELETE ON tiers_tierchange
    FOR EACH ROW EXECUTE FUNCTION tiers_refuse_change();
-- A status is updated with nearly every order of its member: leave room for the new row beside the old one.
ALTER TABLE tiers_tierstatus SET (fillfactor = 70);
"""

BACKWARDS = """
ALTER TABLE tiers_tierstatus RESET (fillfactor);
DROP TRIGGER tiers_tierchange_append_only ON tiers_tierchange;
DROP FUNCTION tiers_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("tiers", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
