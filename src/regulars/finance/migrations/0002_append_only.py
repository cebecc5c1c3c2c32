from django.db import migrations

FORWARDS = """
CREATE FUNCTION finance_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER finance_pointcost_append_only BEFORE UPDATE OR DELETE ON finance_pointcost
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_change();
"""

BACKWARDS = """
DROP TRIGGER finance_pointcost_append_only ON finance_pointcost;
DROP FUNCTION finance_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0001_initial"),
        # Whose functions the reports call.
        ("ledger", "0001_initial"),
        ("tiers", "0003_told_at"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
