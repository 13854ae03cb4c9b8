"""What becomes of each invoice of a file: new, the same, changed, or in conflict with the books.

A file of details (lines of invoices) takes the place of a total that came before, and ties to it.
"""

from django.db import connection

from billing.importers.errors import Found
from billing.models import BillingImport

# An invoice's mark: over its rows whatever their order; the same rows give the same mark.
MARK = "md5(string_agg(digest::text, '' ORDER BY digest))"

# Why raw: one pass over a million staged rows, kept for the statements of the same transaction.
# Uses index: billing_staged_row; unique invoice external_id.
_DROP = "DROP TABLE IF EXISTS billing_fates"
_MAKE = f"""
    CREATE TEMPORARY TABLE billing_fates ON COMMIT DROP AS
    SELECT s.*, i.id AS known, i.status AS was, l.booked,
           CASE
             WHEN i.id IS NULL THEN 'new'
             WHEN s.mark = CASE WHEN %(details)s THEN i.detail_fingerprint ELSE i.fingerprint END
               THEN 'same'
             WHEN i.status = 'DRAFT' OR %(replace)s THEN 'replaced'
             WHEN %(details)s AND i.detail_fingerprint = '' THEN 'detailed'
             WHEN NOT %(details)s AND i.fingerprint = '' AND s.total = l.booked THEN 'tied'
             ELSE 'conflict'
           END AS fate
    FROM (SELECT invoice_id, min(line) AS line, {MARK} AS mark, sum(amount_minor) AS total,
                 min(number) AS number, min(customer_id) AS customer_id,
                 min(invoice_date) AS invoice_date, min(currency) AS currency,
                 min(status) AS status
          FROM billing_stagedrow WHERE billing_import_id = %(made)s AND kind = 'L'
          GROUP BY invoice_id) s
    LEFT JOIN billing_invoice i ON i.external_id = s.invoice_id
    LEFT JOIN LATERAL (SELECT sum(amount_minor) AS booked FROM billing_invoiceline
                       WHERE invoice_id = i.id) l ON i.id IS NOT NULL
"""
_CONFLICTS = """
    SELECT line, format('invoice %s is there already with other content', invoice_id)
    FROM billing_fates WHERE fate = 'conflict' ORDER BY line
"""
_ABOVE = """
    SELECT line, format('the lines of invoice %s sum to %s minor units, the invoice is %s: lines '
                        'are missing, or belong to another', invoice_id, total, booked)
    FROM billing_fates WHERE fate = 'detailed' AND total < booked ORDER BY line
"""
_REST = """
    SELECT line, format('invoice %s is %s minor units below its lines: what was taken off the '
                        'whole invoice stays a line of its own', invoice_id, total - booked)
    FROM billing_fates WHERE fate = 'detailed' AND total > booked ORDER BY line
"""


def decide(made: BillingImport, found: Found, *, details: bool) -> list[tuple[int, str]]:
    """Work the fates out for this transaction; add conflicts, return what is to be looked at."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP)
        cursor.execute(
            _MAKE,
            {
                "made": made.pk, "details": details,
                "replace": bool(made.reading.get("replace")),
            },
        )  # fmt: skip
        cursor.execute("ANALYZE billing_fates")
        for query, code in ((_CONFLICTS, "invoice_conflict"), (_ABOVE, "lines_missing")):
            cursor.execute(query)
            for line, message in cursor.fetchall():
                found.add(line, message, code)
        cursor.execute(_REST)
        return list(cursor.fetchall())
