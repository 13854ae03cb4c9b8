"""Take an import back as a unit."""

import datetime as dt

from django.db import connection, transaction

from billing.importers.errors import ImportRefusedError, RowError
from billing.importers.remember import put_back, replaced_later
from billing.importers.statements import (
    INVOICE_STATE,
    LINK_SUBSCRIPTIONS,
    PUT_LINES_BACK,
    REMOVE_WRITTEN,
    SUBSCRIPTION_STATE,
    TAKE_BACK,
)
from billing.models import BillingImport


@transaction.atomic
def undo_import(*, made: BillingImport, now: dt.datetime) -> BillingImport:
    """Take back what an import created and give what it changed its former state.

    Customers it brought go too unless other imports need them. Raises ImportRefusedError if a
    later import that still stands changed the same rows: that one is to be undone first.
    """
    made = BillingImport.objects.select_for_update().get(pk=made.pk)
    if made.state != BillingImport.State.APPLIED:
        message = f"it is {made.get_state_display()}, so there is nothing to undo"
        raise ImportRefusedError([RowError(1, message)])
    if (later := replaced_later(made)) is not None:
        message = f"{later} changed the same rows afterwards; undo that one first"
        raise ImportRefusedError([RowError(1, message)])
    put_back(made, "billing_subscription", SUBSCRIPTION_STATE)
    put_back(made, "billing_billingcustomer", ("name", "email", "metadata"))
    put_back(made, "billing_invoice", INVOICE_STATE)
    with connection.cursor() as cursor:
        for statement in (
            REMOVE_WRITTEN, PUT_LINES_BACK, *TAKE_BACK, LINK_SUBSCRIPTIONS,
        ):  # fmt: skip
            cursor.execute(statement, {"made": made.pk})
    made.state, made.undone_at = BillingImport.State.UNDONE, now
    made.save(update_fields=["state", "undone_at"])
    return made
