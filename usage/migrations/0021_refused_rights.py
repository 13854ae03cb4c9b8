"""What was refused is as fixed as the ledger; removing demo data takes it along.

The allowances of keys need no crash safety: unlogged, a write waits for no disk.
"""

from django.db import migrations

from tknops.database import append_only

FIXED = (
    "usage_quarantined",
    "usage_conflict",
    "usage_batchalert",
    "usage_replay",
    "usage_eventtag",
    "usage_tagvalue",
)
_HEAD = """
CREATE OR REPLACE FUNCTION usage_remove_demo() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public AS $$
DECLARE removed bigint;
BEGIN
    DELETE FROM usage_usageevent WHERE source_id IN (SELECT id FROM usage_source WHERE is_demo);
    GET DIAGNOSTICS removed = ROW_COUNT;
    DELETE FROM usage_foldedbatch f USING usage_usagebatch b, usage_source s
        WHERE f.batch_id = b.id AND s.id = b.source_id AND s.is_demo;
    DELETE FROM usage_usagebatchmonth m USING usage_usagebatch b, usage_source s
        WHERE m.batch_id = b.id AND s.id = b.source_id AND s.is_demo;
"""
_REFUSED = """
    DELETE FROM usage_eventtag WHERE source_id IN (SELECT id FROM usage_source WHERE is_demo);
    DELETE FROM usage_conflict WHERE source_id IN (SELECT id FROM usage_source WHERE is_demo);
    DELETE FROM usage_replay r USING usage_usagebatch b, usage_source s
        WHERE r.batch_id = b.id AND s.id = b.source_id AND s.is_demo;
    DELETE FROM usage_batchalert a USING usage_usagebatch b, usage_source s
        WHERE a.batch_id = b.id AND s.id = b.source_id AND s.is_demo;
"""
_TAIL = """
    DELETE FROM usage_quarantined q USING usage_usagebatch b, usage_source s
        WHERE q.batch_id = b.id AND s.id = b.source_id AND s.is_demo;
    DELETE FROM usage_usagebatch b USING usage_source s WHERE s.id = b.source_id AND s.is_demo;
    RETURN removed;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0020_keys_and_refused")]

    operations = [
        append_only(*FIXED),
        migrations.RunSQL(
            "ALTER TABLE usage_keyallowance SET UNLOGGED",
            "ALTER TABLE usage_keyallowance SET LOGGED",
        ),
        migrations.RunSQL(_HEAD + _REFUSED + _TAIL, _HEAD + _TAIL),
    ]
