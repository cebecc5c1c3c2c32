from django.db import migrations

# What was recorded lately is read every few seconds. Rows lie in the order in which they are recorded, so the
# smallest kind of index tells where to look, and a posting pays next to nothing for it.
FORWARDS = """
CREATE INDEX ledger_journal_recorded ON ledger_journal
    USING brin (recorded_at) WITH (pages_per_range = 32, autosummarize = on);
"""
BACKWARDS = "DROP INDEX ledger_journal_recorded;"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_reach")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
