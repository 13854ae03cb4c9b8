"""What a file says of itself and of the books, asked of its staged rows by set."""

from collections.abc import Iterator

from django.db import connection

from billing.importers.closed_months import REFUSE, touched
from billing.importers.errors import Found, RowError
from billing.importers.fates import decide
from billing.models import BillingImport

_MOST_WARNINGS = 20
# The biller's id of a payment, refund or dispute: one per charge, kind and reference.
EVENT_ID = "concat_ws(':', s.charge, lower(s.event_kind), nullif(s.reference, ''))"

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
    """
    SELECT max(line), format('the %%s %%s of charge %%s stands twice, first on line %%s',
                             lower(event_kind), reference, charge, min(line))
    FROM billing_stagedrow WHERE billing_import_id = %(made)s AND kind = 'P'
    GROUP BY charge, event_kind, reference HAVING count(*) > 1
    """,
)
_EVENT_CONFLICTS = f"""
    SELECT s.line, format('the %%s of charge %%s is there already with other content',
                          lower(s.event_kind), s.charge)
    FROM billing_stagedrow s JOIN billing_paymentevent e ON e.external_id = {EVENT_ID}
    WHERE s.billing_import_id = %(made)s AND s.kind = 'P' AND e.fingerprint <> s.digest::text
"""
_WARNINGS = (
    """
    SELECT s.line, format('credit note %%s credits invoice %%s, which is neither here nor in the '
                          'file', s.invoice_id, s.credits)
    FROM billing_stagedrow s
    WHERE s.billing_import_id = %(made)s AND s.credits <> ''
      AND NOT EXISTS (SELECT FROM billing_invoice i WHERE s.credits IN (i.external_id, i.number))
      AND NOT EXISTS (SELECT FROM billing_stagedrow o WHERE o.billing_import_id = %(made)s
                      AND s.credits IN (o.invoice_id, o.number))
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


def check(made: BillingImport, found: Found, *, details: bool) -> None:
    """Add what contradicts itself within the file, or the books."""
    for query, code in (*((one, "row") for one in _ERRORS), (_EVENT_CONFLICTS, "payment_conflict")):
        for line, message in _ask(query, made):
            found.add(line, message, code)
    if made.reading.get(REFUSE) and (closed := touched(made)):
        found.add(closed.line, f"{closed}, which this import was told to leave alone", "closed")
    made.warnings = [
        {"line": line, "message": message} for line, message in decide(made, found, details=details)
    ]
    found.first.sort(key=lambda error: error.line)


def warnings(made: BillingImport) -> list[RowError]:
    """Return what a person should look at, though it can be imported."""
    listed = [RowError(one["line"], one["message"]) for one in made.warnings]
    listed += [
        RowError(line, message) for query in _WARNINGS for line, message in _ask(query, made)
    ]
    if closed := touched(made):
        becomes = f"what they change becomes adjustments of {closed.posted:%Y-%m}"
        listed.append(RowError(closed.line, f"{closed}: {becomes}"))
    return sorted(listed, key=lambda one: one.line)[:_MOST_WARNINGS]


def _ask(query: str, made: BillingImport) -> Iterator[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"made": made.pk})
        yield from cursor.fetchall()
