from django.db import migrations

FORWARDS = """
CREATE FUNCTION earning_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER earning_award_append_only BEFORE UPDATE OR DELETE ON earning_award
    FOR EACH ROW EXECUTE FUNCTION earning_refuse_change();
CREATE TRIGGER earning_reversal_append_only BEFORE UPDATE OR DELETE ON earning_reversal
    FOR EACH ROW EXECUTE FUNCTION earning_refuse_change();
-- A counter moves with nearly every order: leave room for the new row beside the old one.
ALTER TABLE earning_usage SET (fillfactor = 70);
ALTER TABLE earning_budget SET (fillfactor = 50);
"""

BACKWARDS = """
ALTER TABLE earning_budget RESET (fillfactor);
ALTER TABLE earning_usage RESET (fillfactor);
DROP TRIGGER earning_reversal_append_only ON earning_reversal;
DROP TRIGGER earning_award_append_only ON earning_award;
DROP FUNCTION earning_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("earning", "0002_reversed_by_hand")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
