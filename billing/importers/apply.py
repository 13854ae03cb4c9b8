"""Write a staged file into the books by set-based SQL, in one transaction."""

from django.db import connection, transaction
from django.utils import timezone

from billing.importers import statements
from billing.importers.checks import check
from billing.importers.errors import Found, ImportRefusedError
from billing.importers.kept import drop
from billing.importers.receive import profile_of
from billing.importers.remember import remember
from billing.importers.settle import still_settled
from billing.matching import match_customers
from billing.models import BillingImport, StagedRow
from tknops.jobs.progress import Report, unreported


@transaction.atomic
def apply_import(*, made: BillingImport, report: Report = unreported) -> BillingImport:
    """Write all rows or none; rows that are there already with the same content are left alone.

    Natural keys: the biller's ids of customer, subscription, invoice and line. Applying it again
    changes nothing. Raises ImportRefusedError if the file has errors or a known id comes with
    other content.
    """
    made = BillingImport.objects.select_for_update().get(pk=made.pk)
    if made.state == BillingImport.State.APPLIED:
        return made
    profile = profile_of(made)
    details = bool(profile and profile.details)
    _require_staged(made, details=details)
    steps = made.rows
    remember(made, "billing_billingcustomer", statements.CHANGED_CUSTOMERS)
    customers = _execute(statements.WRITE_CUSTOMERS, made)
    _execute(statements.WRITE_PLANS, made)
    report(steps // 5, steps)
    remember(made, "billing_subscription", statements.CHANGED_SUBSCRIPTIONS)
    made.created = _execute(statements.WRITE_SUBSCRIPTIONS, made)
    made.created += _write_invoices(made, details=details)
    report(steps // 2, steps)
    made.created += _execute(statements.WRITE_LINES, made)
    _execute(statements.WRITE_REST, made)
    made.created += _execute(statements.WRITE_PAYMENTS, made)
    report(steps * 9 // 10, steps)
    _execute(statements.LINK_SUBSCRIPTIONS, made)
    _execute(statements.LINK_CREDITS, made)
    # Invoices and subscriptions name customers too; only rows about a customer count as such.
    if made.staged.filter(kind=StagedRow.Kind.CUSTOMER).exists():
        made.created += customers
    made.unchanged = made.rows - made.created
    made.state, made.applied_at = BillingImport.State.APPLIED, timezone.now()
    made.save()
    made.staged.all().delete()
    match_customers(user=made.created_by)
    transaction.on_commit(lambda: drop(made))
    return made


def _write_invoices(made: BillingImport, *, details: bool) -> int:
    """Write new invoices and what changed of known ones; return how many changed by status only."""
    remember(made, "billing_invoice", statements.CHANGED_INVOICES)
    remember(made, "billing_invoiceline", statements.REPLACED_LINES)
    _execute(statements.DELETE_LINES, made)
    _execute(statements.WRITE_CHANGES, made, details=details)
    changed = _execute(statements.WRITE_STATUSES, made)
    _execute(statements.WRITE_INVOICES, made, details=details)
    return changed


def _require_staged(made: BillingImport, *, details: bool) -> None:
    """Look once more: what the books hold may have changed since the preview."""
    found = Found()
    if made.state != BillingImport.State.STAGED:
        found.add(1, f"the import is {made.get_state_display()}, so it cannot be applied")
    else:
        still_settled(made, found)
        check(made, found, details=details)
    if found.count:
        raise ImportRefusedError(found.first)


def _execute(statement: str, made: BillingImport, **more: bool) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"made": made.pk, **more})
        return int(cursor.rowcount)
