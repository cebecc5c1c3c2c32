from django.db import migrations

FORWARDS = """
CREATE FUNCTION rules_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: a published programme never changes', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER rules_programmeversion_append_only BEFORE UPDATE OR DELETE ON rules_programmeversion
    FOR EACH ROW EXECUTE FUNCTION rules_refuse_change();
"""

BACKWARDS = """
DROP TRIGGER rules_programmeversion_append_only ON rules_programmeversion;
DROP FUNCTION rules_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
