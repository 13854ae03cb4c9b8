"""What a file says of itself and of the books, asked of its staged rows by set."""

from collections.abc import Iterator

from django.db import connection

from billing.importers.errors import Found, RowError
from billing.models import BillingImport

# An invoice's mark: over its rows whatever their order; the same rows give the same mark.
MARK = "md5(string_agg(digest::text, '' ORDER BY digest))"
_MOST_WARNINGS = 20

# Each query takes the import and returns (line, sentence). Uses index: billing_staged_row.
_ERRORS = (
    """
    SELECT max(line), format('line %%s of invoice %%s stands twice, first on line %%s of the file',
                             line_id, invoice_id, min(line))
    FROM billing_stagedrow WHERE billing_import_id = %(made)s AND kind = 'L'
    GROUP BY invoice_id, line_id HAVING count(*) > 1
    """,
    """
    SELECT min(line), format('invoice %%s has lines of different customers, currencies, dates or '
                             'statuses', invoice_id)
    FROM billing_stagedrow WHERE billing_import_id = %(made)s AND kind = 'L'
    GROUP BY invoice_id
    HAVING count(DISTINCT (customer_id, currency, invoice_date, status)) > 1
    """,
    """
    SELECT max(line), format('subscription %%s stands twice, first on line %%s', subscription,
                             min(line))
    FROM billing_stagedrow WHERE billing_import_id = %(made)s AND kind = 'S'
    GROUP BY subscription HAVING count(*) > 1
    """,
)
_CONFLICTS = f"""
    SELECT s.line, format('invoice %%s is there already with other content', s.invoice_id)
    FROM (SELECT invoice_id, min(line) AS line, {MARK} AS mark
          FROM billing_stagedrow WHERE billing_import_id = %(made)s AND kind = 'L'
          GROUP BY invoice_id) s
    JOIN billing_invoice i ON i.external_id = s.invoice_id
    WHERE i.fingerprint <> s.mark
"""
_WARNINGS = (
    """
    SELECT s.line, format('credit note %%s credits invoice %%s, which is neither here nor in the '
                          'file', s.invoice_id, s.credits)
    FROM billing_stagedrow s
    WHERE s.billing_import_id = %(made)s AND s.credits <> ''
      AND NOT EXISTS (SELECT FROM billing_invoice i WHERE i.external_id = s.credits)
      AND NOT EXISTS (SELECT FROM billing_stagedrow o
                      WHERE o.billing_import_id = %(made)s AND o.invoice_id = s.credits)
    """,
    r"""
    SELECT line, format('invoice %%s looks like a number a spreadsheet has shortened', invoice_id)
    FROM billing_stagedrow
    WHERE billing_import_id = %(made)s AND invoice_id ~ '^\d(\.\d+)?E\+\d+$'
    """,
    """
    SELECT line, format('service period of subscription %%s overlaps the one before it',
                        subscription)
    FROM (SELECT line, subscription, service_start,
                 lag(service_end) OVER (PARTITION BY subscription ORDER BY service_start, line) AS e
          FROM billing_stagedrow
          WHERE billing_import_id = %(made)s AND kind = 'L' AND subscription <> ''
            AND line_kind = 'RECURRING' AND amount_minor >= 0) o
    WHERE service_start < e
    """,
)


def check(made: BillingImport, found: Found) -> None:
    """Add what contradicts itself within the file, or the books."""
    for query in (*_ERRORS, _CONFLICTS):
        for line, message in _ask(query, made):
            found.add(line, message)
    found.first.sort(key=lambda error: error.line)


def warnings(made: BillingImport) -> list[RowError]:
    """Return what a person should look at, though it can be imported."""
    listed = [RowError(line, message) for query in _WARNINGS for line, message in _ask(query, made)]
    return sorted(listed, key=lambda one: one.line)[:_MOST_WARNINGS]


def _ask(query: str, made: BillingImport) -> Iterator[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"made": made.pk})
        yield from cursor.fetchall()
