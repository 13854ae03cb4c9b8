"""The SQL that writes a staged file into the books, and takes an import back.

Why raw: inserts from select, since a million rows are not walked one by one. Each statement takes
the import as `made`; those that read staged rows use the index billing_staged_row; those that
read billing_fates come after `decide` in the same transaction.
"""

from billing.importers.checks import EVENT_ID

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
    "billing_customer_id", "plan_id", "price", "currency", "interval", "interval_count", "quantity",
    "status", "start_date", "trial_end_date", "end_date", "renews_date", "fingerprint",
)  # fmt: skip
# A subscription is a state: its newest export wins; what it was before is remembered.
WRITE_SUBSCRIPTIONS = f"""
    INSERT INTO billing_subscription AS u
        (external_id, billing_import_id, import_line, {", ".join(SUBSCRIPTION_STATE)})
    SELECT s.subscription, %(made)s, s.line, b.id, p.id, s.price, s.currency, s.interval,
           s.interval_count, s.quantity, s.status, s.start_date, s.trial_end_date, s.end_date,
           s.renews_date, s.digest::text
    FROM billing_stagedrow s
    JOIN billing_billingcustomer b ON b.external_id = s.customer_id
    JOIN billing_plan p ON p.code = s.plan
    WHERE s.billing_import_id = %(made)s AND s.kind = 'S' ORDER BY s.subscription
    ON CONFLICT (external_id) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in SUBSCRIPTION_STATE)}
    WHERE u.fingerprint <> excluded.fingerprint
"""
INVOICE_STATE = (
    "number", "billing_customer_id", "invoice_date", "currency", "status", "fingerprint",
    "detail_fingerprint",
)  # fmt: skip
CHANGED_INVOICES = """
    SELECT known FROM billing_fates
    WHERE fate IN ('replaced', 'detailed', 'tied') OR fate = 'same' AND status NOT IN ('', was)
"""
REPLACED_LINES = """
    SELECT l.id FROM billing_invoiceline l JOIN billing_fates f ON f.known = l.invoice_id
    WHERE f.fate IN ('replaced', 'detailed')
"""
DELETE_LINES = f"DELETE FROM billing_invoiceline WHERE id IN ({REPLACED_LINES})"
# An open invoice exported again has been paid, or is void: its newest export wins.
WRITE_STATUSES = """
    UPDATE billing_invoice i SET status = f.status FROM billing_fates f
    WHERE f.known = i.id AND f.status NOT IN ('', i.status)
"""
WRITE_CHANGES = """
    UPDATE billing_invoice i
    SET number = coalesce(nullif(f.number, ''), i.number),
        billing_customer_id = CASE WHEN f.fate = 'replaced' THEN b.id
                                   ELSE i.billing_customer_id END,
        invoice_date = CASE WHEN f.fate = 'replaced' THEN f.invoice_date ELSE i.invoice_date END,
        currency = f.currency,
        fingerprint = CASE WHEN NOT %(details)s THEN f.mark
                           WHEN f.fate = 'replaced' THEN '' ELSE i.fingerprint END,
        detail_fingerprint = CASE WHEN %(details)s THEN f.mark
                                  WHEN f.fate = 'replaced' THEN '' ELSE i.detail_fingerprint END
    FROM billing_fates f JOIN billing_billingcustomer b ON b.external_id = f.customer_id
    WHERE f.known = i.id AND f.fate IN ('replaced', 'detailed', 'tied')
"""
WRITE_INVOICES = """
    INSERT INTO billing_invoice (external_id, number, billing_customer_id, invoice_date, currency,
                                 status, billing_import_id, fingerprint, detail_fingerprint)
    SELECT f.invoice_id, f.number, b.id, f.invoice_date, f.currency, f.status, %(made)s,
           CASE WHEN %(details)s THEN '' ELSE f.mark END,
           CASE WHEN %(details)s THEN f.mark ELSE '' END
    FROM billing_fates f JOIN billing_billingcustomer b ON b.external_id = f.customer_id
    WHERE f.fate = 'new' ORDER BY f.invoice_id
    ON CONFLICT (external_id) DO NOTHING
"""
WRITE_LINES = """
    INSERT INTO billing_invoiceline
        (invoice_id, line_id, description, plan_id, subscription_reference, kind, amount_minor,
         service_start, service_end, import_line)
    SELECT i.id, s.line_id, s.description, p.id, s.subscription, s.line_kind, s.amount_minor,
           s.service_start, s.service_end, s.line
    FROM billing_stagedrow s
    JOIN billing_fates f
        ON f.invoice_id = s.invoice_id AND f.fate IN ('new', 'replaced', 'detailed')
    JOIN billing_invoice i ON i.external_id = s.invoice_id
    LEFT JOIN billing_plan p ON p.code = s.plan
    WHERE s.billing_import_id = %(made)s AND s.kind = 'L' ORDER BY s.line
"""
# What was taken off the invoice as a whole, over the days of its lines.
WRITE_REST = """
    INSERT INTO billing_invoiceline
        (invoice_id, line_id, description, plan_id, subscription_reference, kind, amount_minor,
         service_start, service_end, import_line)
    SELECT f.known, 'taken-off', 'taken off the whole invoice',
           CASE WHEN count(DISTINCT s.plan) = 1 THEN min(p.id) END,
           CASE WHEN count(DISTINCT s.subscription) = 1 THEN min(s.subscription) ELSE '' END,
           CASE WHEN bool_or(s.line_kind = 'RECURRING') THEN 'RECURRING' ELSE min(s.line_kind) END,
           f.booked - f.total, min(s.service_start), max(s.service_end), f.line
    FROM billing_fates f
    JOIN billing_stagedrow s ON s.invoice_id = f.invoice_id AND s.kind = 'L'
    LEFT JOIN billing_plan p ON p.code = s.plan
    WHERE s.billing_import_id = %(made)s AND f.fate = 'detailed' AND f.booked < f.total
    GROUP BY f.known, f.booked, f.total, f.line
"""
WRITE_PAYMENTS = f"""
    INSERT INTO billing_paymentevent
        (external_id, billing_customer_id, kind, invoice_reference, occurred_on, currency,
         amount_minor, fee_minor, billing_import_id, import_line, fingerprint)
    SELECT {EVENT_ID}, b.id, s.event_kind, s.invoice_id, s.occurred_on, s.currency,
           s.amount_minor, s.fee_minor, %(made)s, s.line, s.digest::text
    FROM billing_stagedrow s JOIN billing_billingcustomer b ON b.external_id = s.customer_id
    WHERE s.billing_import_id = %(made)s AND s.kind = 'P' ORDER BY 1
    ON CONFLICT (external_id) DO NOTHING
"""
# Lines may come before their subscription: a biller exports them as two files.
LINK_SUBSCRIPTIONS = """
    UPDATE billing_invoiceline l SET subscription_id = u.id FROM billing_subscription u
    WHERE l.subscription_id IS NULL AND l.subscription_reference <> ''
      AND u.external_id = l.subscription_reference
"""
LINK_CREDITS = """
    UPDATE billing_invoice n SET credits_id = c.id
    FROM billing_stagedrow s JOIN billing_invoice c ON s.credits IN (c.external_id, c.number)
    WHERE s.billing_import_id = %(made)s AND s.credits <> '' AND c.external_id <> s.invoice_id
      AND n.external_id = s.invoice_id AND n.billing_import_id = %(made)s
"""
# In the order the foreign keys ask for.
TAKE_BACK = (
    "DELETE FROM billing_paymentevent WHERE billing_import_id = %(made)s",
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
    AND NOT EXISTS (SELECT FROM billing_paymentevent e WHERE e.billing_customer_id = b.id)
    """,
)
# The lines an import put others in place of, and those it wrote.
REMOVE_WRITTEN = """
    DELETE FROM billing_invoiceline WHERE invoice_id IN
        (SELECT (before->>'invoice_id')::bigint FROM billing_replacedrow
         WHERE billing_import_id = %(made)s AND "table" = 'billing_invoiceline')
"""
# A plan or subscription may be gone by now; the reference stays as text.
PUT_LINES_BACK = """
    INSERT INTO billing_invoiceline
    SELECT (jsonb_populate_record(NULL::billing_invoiceline, r.before || jsonb_build_object(
        'subscription_id', (SELECT u.id FROM billing_subscription u
                            WHERE u.id = (r.before->>'subscription_id')::bigint)))).*
    FROM billing_replacedrow r
    WHERE r.billing_import_id = %(made)s AND r."table" = 'billing_invoiceline'
"""
