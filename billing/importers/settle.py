"""What a file leaves to the books: whose an invoice is, and what is known of refunds already."""

from typing import Any

from django.db import connection

from billing.importers.errors import Found
from billing.models import BillingImport

# Lines exported without their invoice take customer, day, number and status from the books.
_FILL = """
    UPDATE billing_stagedrow s
    SET customer_id = b.external_id, invoice_date = i.invoice_date, number = i.number,
        status = i.status
    FROM billing_invoice i JOIN billing_billingcustomer b ON b.id = i.billing_customer_id
    WHERE s.billing_import_id = %(made)s AND s.kind = 'L' AND s.customer_id = ''
      AND i.external_id = s.invoice_id
"""
_UNKNOWN = """
    SELECT min(line), format('invoice %%s is not here yet: import the invoices first, then their '
                             'lines', invoice_id), 'invoice_unknown'
    FROM billing_stagedrow
    WHERE billing_import_id = %(made)s AND kind = 'L' AND customer_id = '' GROUP BY invoice_id
"""
# What is known per charge and kind; `running` is what came as a total, `own` one by one.
_KNOWN = r"""
    SELECT split_part(external_id, ':', 1) AS charge, kind, sum(amount_minor) AS known,
           coalesce(sum(amount_minor) FILTER (WHERE split_part(external_id, ':', 3) ~ '^\d+$'), 0)
               AS running
    FROM billing_paymentevent WHERE kind <> 'PAYMENT' GROUP BY 1, 2
"""
_LESS = f"""
    SELECT s.line, format('the %%s of charge %%s are %%s minor units in the books, %%s in the '
                          'file: an older export, or another report told them',
                          lower(s.event_kind) || 's', s.charge, k.known, s.amount_minor),
           'payment_conflict'
    FROM billing_stagedrow s JOIN ({_KNOWN}) k ON k.charge = s.charge AND k.kind = s.event_kind
    WHERE s.billing_import_id = %(made)s AND s.running AND s.amount_minor < k.known
"""
_TOLD = f"""
    DELETE FROM billing_stagedrow s USING ({_KNOWN}) k
    WHERE k.charge = s.charge AND k.kind = s.event_kind
      AND s.billing_import_id = %(made)s AND s.running AND s.amount_minor = k.known
"""
_REST = f"""
    UPDATE billing_stagedrow s SET amount_minor = s.amount_minor - k.known
    FROM ({_KNOWN}) k
    WHERE k.charge = s.charge AND k.kind = s.event_kind
      AND s.billing_import_id = %(made)s AND s.running
"""
_SINGLE = """
    SELECT charge, event_kind, sum(amount_minor) AS told, min(line) AS line
    FROM billing_stagedrow
    WHERE billing_import_id = %(made)s AND kind = 'P' AND NOT running AND reference <> ''
    GROUP BY charge, event_kind
"""
_BOTH = f"""
    SELECT s.line, format('the %%s of charge %%s came by the payments export as %%s minor units, '
                          'this report says %%s: import one of the two',
                          lower(s.event_kind) || 's', s.charge, k.running, s.told),
           'payment_conflict'
    FROM ({_SINGLE}) s JOIN ({_KNOWN}) k ON k.charge = s.charge AND k.kind = s.event_kind
    WHERE k.running > 0 AND s.told <> k.running
"""
_TOLD_ONCE = f"""
    DELETE FROM billing_stagedrow r USING ({_KNOWN}) k
    WHERE r.billing_import_id = %(made)s AND r.kind = 'P' AND NOT r.running AND r.reference <> ''
      AND k.charge = r.charge AND k.kind = r.event_kind AND k.running > 0
"""
# A running total is charge:kind:total; with what is known it must still come to that.
_CHANGED = f"""
    SELECT s.line, format('the %%s of charge %%s changed in the books since the preview; read the '
                          'file again', lower(s.event_kind) || 's', s.charge), 'payment_conflict'
    FROM billing_stagedrow s LEFT JOIN ({_KNOWN}) k ON k.charge = s.charge AND k.kind = s.event_kind
    WHERE s.billing_import_id = %(made)s AND s.running
      AND s.amount_minor + coalesce(k.known, 0) <> s.reference::bigint
"""


def settle(made: BillingImport, found: Found, *, details: bool) -> None:
    """Fill in staged rows from the books; add what cannot be."""
    with connection.cursor() as cursor:
        if details:
            cursor.execute(_FILL, {"made": made.pk})
            _note(cursor, _UNKNOWN, made, found)
        if not made.staged.filter(kind="P").exists():
            return
        for query in (_LESS, _BOTH):
            _note(cursor, query, made, found)
        if not found.count:
            for statement in (_TOLD, _REST, _TOLD_ONCE):
                cursor.execute(statement, {"made": made.pk})


def still_settled(made: BillingImport, found: Found) -> None:
    """Add what the books have learnt of refunds and disputes since the file was staged."""
    with connection.cursor() as cursor:
        _note(cursor, _CHANGED, made, found)


def _note(cursor: Any, query: str, made: BillingImport, found: Found) -> None:
    cursor.execute(query, {"made": made.pk})
    for line, message, code in cursor.fetchall():
        found.add(line, message, code)
