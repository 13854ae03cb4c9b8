"""Refuse a parent that would put a customer above itself on some day; keep the logs as they are."""

from django.db import migrations

from tknops.database import append_only

# Raw SQL: a recursive walk up the parents, each step keeping the days all of them share.
# Uses index: customers_customerparent_customer_id.
FUNCTION = """
CREATE FUNCTION customers_closes_cycle(child bigint, above bigint, first date, past date)
RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up AS (
        SELECT above AS id, daterange(first, past) AS days
        UNION
        SELECT p.parent_id, up.days * daterange(p.valid_from, p.valid_to)
        FROM up JOIN customers_customerparent p ON p.customer_id = up.id
        WHERE up.id <> child AND up.days && daterange(p.valid_from, p.valid_to)
    )
    SELECT EXISTS (SELECT FROM up WHERE id = child)
$$
"""
# One change of parents at a time: two at once would not see each other's half of a circle.
TRIGGER = """
CREATE FUNCTION customers_refuse_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1953194760);
    IF customers_closes_cycle(NEW.customer_id, NEW.parent_id, NEW.valid_from, NEW.valid_to) THEN
        RAISE EXCEPTION 'customer % would come to stand above itself', NEW.customer_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'customers_parent_no_cycle';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER customers_parent_no_cycle
    AFTER INSERT OR UPDATE ON customers_customerparent
    FOR EACH ROW EXECUTE FUNCTION customers_refuse_cycle()
"""
DROP = """
DROP TRIGGER customers_parent_no_cycle ON customers_customerparent;
DROP FUNCTION customers_refuse_cycle()
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0100_dated_attributes")]

    operations = [
        migrations.RunSQL(
            FUNCTION, "DROP FUNCTION customers_closes_cycle(bigint, bigint, date, date)"
        ),
        migrations.RunSQL(TRIGGER, DROP),
        append_only(
            "customers_customerparentevent",
            "customers_enduserattributeevent",
            "customers_teamattributeevent",
        ),
    ]
