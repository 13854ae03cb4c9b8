"""The SQL that writes a staged file into the books, and takes an import back.

Why raw: inserts from select, since a million rows are not walked one by one. Each statement takes
the import as `made`; those that read staged rows use the index billing_staged_row.
"""

from billing.importers.checks import MARK

CUSTOMERS = """
    SELECT customer_id,
           coalesce((array_agg(customer_name ORDER BY line DESC)
                     FILTER (WHERE customer_name <> ''))[1], '') AS name,
           coalesce((array_agg(customer_email ORDER BY line DESC)
                     FILTER (WHERE customer_email <> ''))[1], '') AS email,
           coalesce((array_agg(customer_metadata ORDER BY line DESC)
                     FILTER (WHERE customer_metadata <> '{}'))[1], '{}') AS metadata
    FROM billing_stagedrow WHERE billing_import_id = %(made)s GROUP BY customer_id
"""
CHANGED_CUSTOMERS = f"""
    SELECT b.id FROM billing_billingcustomer b
    JOIN ({CUSTOMERS}) s ON s.customer_id = b.external_id
    WHERE (s.name <> '' AND s.name <> b.name) OR (s.email <> '' AND s.email <> b.email)
       OR (s.metadata <> '{{}}' AND s.metadata <> b.metadata)
"""
WRITE_CUSTOMERS = f"""
    INSERT INTO billing_billingcustomer AS b
        (external_id, name, email, metadata, billing_import_id)
    SELECT customer_id, name, email, metadata, %(made)s FROM ({CUSTOMERS}) s ORDER BY customer_id
    ON CONFLICT (external_id) DO UPDATE
    SET name = coalesce(nullif(excluded.name, ''), b.name),
        email = coalesce(nullif(excluded.email, ''), b.email),
        metadata = coalesce(nullif(excluded.metadata, '{{}}'), b.metadata)
    WHERE (excluded.name <> '' AND excluded.name <> b.name)
       OR (excluded.email <> '' AND excluded.email <> b.email)
       OR (excluded.metadata <> '{{}}' AND excluded.metadata <> b.metadata)
"""
WRITE_PLANS = """
    INSERT INTO billing_plan (code, name)
    SELECT DISTINCT plan, plan FROM billing_stagedrow
    WHERE billing_import_id = %(made)s AND plan <> '' ORDER BY plan
    ON CONFLICT (code) DO NOTHING
"""
CHANGED_SUBSCRIPTIONS = """
    SELECT u.id FROM billing_subscription u
    JOIN billing_stagedrow s ON s.subscription = u.external_id
    WHERE s.billing_import_id = %(made)s AND s.kind = 'S' AND u.fingerprint <> s.digest::text
"""
SUBSCRIPTION_STATE = (
    "billing_customer_id", "plan_id", "price", "currency", "interval", "quantity", "status",
    "start_date", "trial_end_date", "end_date", "renews_date", "fingerprint",
)  # fmt: skip
# A subscription is a state: its newest export wins; what it was before is remembered.
WRITE_SUBSCRIPTIONS = f"""
    INSERT INTO billing_subscription AS u
        (external_id, billing_import_id, import_line, {", ".join(SUBSCRIPTION_STATE)})
    SELECT s.subscription, %(made)s, s.line, b.id, p.id, s.price, s.currency, s.interval,
           s.quantity, s.status, s.start_date, s.trial_end_date, s.end_date, s.renews_date,
           s.digest::text
    FROM billing_stagedrow s
    JOIN billing_billingcustomer b ON b.external_id = s.customer_id
    JOIN billing_plan p ON p.code = s.plan
    WHERE s.billing_import_id = %(made)s AND s.kind = 'S' ORDER BY s.subscription
    ON CONFLICT (external_id) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in SUBSCRIPTION_STATE)}
    WHERE u.fingerprint <> excluded.fingerprint
"""
_STATUSES = """
    SELECT invoice_id, min(status) AS status FROM billing_stagedrow
    WHERE billing_import_id = %(made)s AND kind = 'L' GROUP BY invoice_id
"""
CHANGED_STATUSES = f"""
    SELECT i.id FROM billing_invoice i
    JOIN ({_STATUSES}) s ON s.invoice_id = i.external_id WHERE s.status <> i.status
"""
# An open invoice exported again has been paid, or is void: its newest export wins.
WRITE_STATUSES = f"""
    UPDATE billing_invoice i SET status = s.status FROM ({_STATUSES}) s
    WHERE s.invoice_id = i.external_id AND s.status <> i.status
"""
WRITE_INVOICES = f"""
    INSERT INTO billing_invoice (external_id, number, billing_customer_id, invoice_date, currency,
                                 status, billing_import_id, fingerprint)
    SELECT s.invoice_id, s.number, b.id, s.invoice_date, s.currency, s.status, %(made)s, s.mark
    FROM (SELECT invoice_id, min(number) AS number, min(customer_id) AS customer_id,
                 min(invoice_date) AS invoice_date, min(currency) AS currency,
                 min(status) AS status, {MARK} AS mark
          FROM billing_stagedrow WHERE billing_import_id = %(made)s AND kind = 'L'
          GROUP BY invoice_id) s
    JOIN billing_billingcustomer b ON b.external_id = s.customer_id
    ORDER BY s.invoice_id
    ON CONFLICT (external_id) DO NOTHING
"""
WRITE_LINES = """
    INSERT INTO billing_invoiceline
        (invoice_id, line_id, description, plan_id, subscription_reference, kind, amount_minor,
         service_start, service_end, import_line)
    SELECT i.id, s.line_id, s.description, p.id, s.subscription, s.line_kind, s.amount_minor,
           s.service_start, s.service_end, s.line
    FROM billing_stagedrow s
    JOIN billing_invoice i ON i.external_id = s.invoice_id AND i.billing_import_id = %(made)s
    LEFT JOIN billing_plan p ON p.code = s.plan
    WHERE s.billing_import_id = %(made)s AND s.kind = 'L' ORDER BY s.line
"""
# Lines may come before their subscription: a biller exports them as two files.
LINK_SUBSCRIPTIONS = """
    UPDATE billing_invoiceline l SET subscription_id = u.id FROM billing_subscription u
    WHERE l.subscription_id IS NULL AND l.subscription_reference <> ''
      AND u.external_id = l.subscription_reference
"""
LINK_CREDITS = """
    UPDATE billing_invoice n SET credits_id = c.id
    FROM billing_stagedrow s JOIN billing_invoice c ON c.external_id = s.credits
    WHERE s.billing_import_id = %(made)s AND s.credits <> '' AND c.external_id <> s.invoice_id
      AND n.external_id = s.invoice_id AND n.billing_import_id = %(made)s
"""
# In the order the foreign keys ask for.
TAKE_BACK = (
    """
    DELETE FROM billing_invoiceline l USING billing_invoice i
    WHERE i.id = l.invoice_id AND i.billing_import_id = %(made)s
    """,
    """
    UPDATE billing_invoice n SET credits_id = NULL FROM billing_invoice c
    WHERE c.id = n.credits_id AND c.billing_import_id = %(made)s
    """,
    "DELETE FROM billing_invoice WHERE billing_import_id = %(made)s",
    """
    UPDATE billing_invoiceline l SET subscription_id = NULL FROM billing_subscription u
    WHERE u.id = l.subscription_id AND u.billing_import_id = %(made)s
    """,
    "DELETE FROM billing_subscription WHERE billing_import_id = %(made)s",
    """
    DELETE FROM billing_billingcustomer b WHERE b.billing_import_id = %(made)s
    AND NOT EXISTS (SELECT FROM billing_invoice i WHERE i.billing_customer_id = b.id)
    AND NOT EXISTS (SELECT FROM billing_subscription u WHERE u.billing_customer_id = b.id)
    """,
)
