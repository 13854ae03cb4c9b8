"""Take UPDATE and DELETE on the ledger from the application role, where there is one."""

from django.db import migrations

from tknops.database import append_only

LEDGER = ("usage_usagebatch", "usage_usagebatchmonth", "usage_usageevent", "usage_context")
# Demo data must be removable by the application: only events of sources marked as demo.
# Contexts stay: processes cache their ids.
REMOVE_DEMO = """
CREATE FUNCTION usage_remove_demo() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public AS $$
DECLARE removed bigint;
BEGIN
    DELETE FROM usage_usageevent WHERE source_id IN (SELECT id FROM usage_source WHERE is_demo);
    GET DIAGNOSTICS removed = ROW_COUNT;
    DELETE FROM usage_foldedbatch f USING usage_usagebatch b, usage_source s
        WHERE f.batch_id = b.id AND s.id = b.source_id AND s.is_demo;
    DELETE FROM usage_usagebatchmonth m USING usage_usagebatch b, usage_source s
        WHERE m.batch_id = b.id AND s.id = b.source_id AND s.is_demo;
    DELETE FROM usage_quarantined q USING usage_usagebatch b, usage_source s
        WHERE q.batch_id = b.id AND s.id = b.source_id AND s.is_demo;
    DELETE FROM usage_usagebatch b USING usage_source s WHERE s.id = b.source_id AND s.is_demo;
    RETURN removed;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0001_initial")]

    operations = [
        append_only(*LEDGER),
        migrations.RunSQL(REMOVE_DEMO, "DROP FUNCTION usage_remove_demo()"),
    ]
