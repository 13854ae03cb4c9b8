"""Nothing is posted in a closed month, months close in their order, and the ledger of it stays."""

from django.db import migrations

from tknops.database import append_only

# 29803 is usage.ingest.posting.MONTH_LOCKS. The functions are VOLATILE: each of their statements
# sees what is committed by then, also what was while a lock was waited for.
FUNCTIONS = """
CREATE FUNCTION usage_is_closed(asked date) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN coalesce((SELECT c.is_closed FROM usage_monthclosing c
                     WHERE c.month = asked ORDER BY c.id DESC LIMIT 1), false);
END $$;
CREATE FUNCTION usage_last_closed() RETURNS date LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT max(newest.month) FROM (
        SELECT DISTINCT ON (month) month, is_closed FROM usage_monthclosing ORDER BY month, id DESC
    ) newest WHERE newest.is_closed);
END $$;
CREATE FUNCTION usage_month_lock(asked date) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT extract(year FROM asked)::int * 12 + extract(month FROM asked)::int
$$;
CREATE FUNCTION usage_posting_month(asked date) RETURNS date LANGUAGE plpgsql VOLATILE AS $$
DECLARE target date := asked;
BEGIN
    WHILE usage_is_closed(target) LOOP
        target := usage_last_closed() + interval '1 month';
        PERFORM pg_advisory_xact_lock_shared(29803, usage_month_lock(target));
    END LOOP;
    RETURN target;
END $$;
CREATE FUNCTION usage_posted_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(29803, usage_month_lock(NEW.posting_month));
    IF usage_is_closed(NEW.posting_month) THEN
        RAISE EXCEPTION 'month % is closed: nothing is posted in it', to_char(NEW.posting_month, 'YYYY-MM')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'usage_batchmonth_posts_open';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION usage_closing_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last date := usage_last_closed();
BEGIN
    PERFORM pg_advisory_xact_lock(29803, usage_month_lock(NEW.month));
    IF NEW.is_closed AND last IS NOT NULL AND NEW.month <> last + interval '1 month' THEN
        RAISE EXCEPTION 'months close in order: after % comes the next', to_char(last, 'YYYY-MM')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'usage_monthclosing_in_order';
    END IF;
    IF NOT NEW.is_closed AND NEW.month IS DISTINCT FROM last THEN
        RAISE EXCEPTION 'only the last closed month is opened again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'usage_monthclosing_in_order';
    END IF;
    RETURN NEW;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER usage_posted_open BEFORE INSERT OR UPDATE ON usage_usagebatchmonth
    FOR EACH ROW EXECUTE FUNCTION usage_posted_open();
CREATE TRIGGER usage_closing_in_order BEFORE INSERT ON usage_monthclosing
    FOR EACH ROW EXECUTE FUNCTION usage_closing_in_order();
CREATE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON usage_monthclosing
    FOR EACH STATEMENT EXECUTE FUNCTION usage_revise();
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0110_month_closing")]

    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION usage_is_closed(date), usage_last_closed(), usage_month_lock(date), "
            "usage_posting_month(date), usage_posted_open(), usage_closing_in_order()",
        ),
        migrations.RunSQL(
            TRIGGERS,
            "DROP TRIGGER usage_posted_open ON usage_usagebatchmonth; "
            "DROP TRIGGER usage_closing_in_order ON usage_monthclosing; "
            "DROP TRIGGER usage_revised ON usage_monthclosing",
        ),
        append_only("usage_monthclosing"),
    ]
