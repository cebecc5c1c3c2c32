from django.db import migrations

FORWARDS = """
CREATE FUNCTION trail_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER trail_auditentry_append_only BEFORE UPDATE OR DELETE ON trail_auditentry
    FOR EACH ROW EXECUTE FUNCTION trail_refuse_change();
CREATE TRIGGER trail_storedanswer_append_only BEFORE UPDATE OR DELETE ON trail_storedanswer
    FOR EACH ROW EXECUTE FUNCTION trail_refuse_change();
"""

BACKWARDS = """
DROP TRIGGER trail_storedanswer_append_only ON trail_storedanswer;
DROP TRIGGER trail_auditentry_append_only ON trail_auditentry;
DROP FUNCTION trail_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
