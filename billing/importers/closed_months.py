"""What of a staged file touches closed months: it becomes dated adjustments, or is refused."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from billing.importers.fates import MARK
from billing.models import BillingImport, MonthClose
from tknops.calendar import next_month
from tknops.money import minor_digits

REFUSE = "refuse_closed"
_EARNING = "('OPEN', 'PAID')"
# Why raw: a million staged lines are cut by closed month in one pass, as recognition cuts them:
# R(j) − R(i), R(k) = round(A × k ÷ n), half away from zero as numeric rounds here.
# What is there with the same content changes nothing and is left out; what an invoice of the file
# takes the place of is taken off.
# Uses index: billing_staged_row; unique external_id of invoice, subscription and payment event.
_TOUCHING = f"""
    WITH months AS (
        SELECT m::date AS first, (m + interval '1 month')::date AS after
        FROM unnest(%(months)s::date[]) m
    ), invoices AS (
        SELECT s.*, i.id AS known, i.status AS was, i.invoice_date AS issued,
               coalesce(s.mark IN (i.fingerprint, i.detail_fingerprint)
                        AND s.status IN {_EARNING} = i.status IN {_EARNING}, FALSE) AS same
        FROM (SELECT invoice_id, {MARK} AS mark, min(status) AS status, min(line) AS line,
                     min(currency) AS currency
              FROM billing_stagedrow WHERE billing_import_id = %(made)s AND kind = 'L'
              GROUP BY invoice_id) s
        LEFT JOIN billing_invoice i ON i.external_id = s.invoice_id
    ), said AS (
        SELECT r.line, r.currency, r.amount_minor, r.line_kind, r.invoice_date, r.service_start,
               r.service_end
        FROM billing_stagedrow r JOIN invoices v ON v.invoice_id = r.invoice_id
        WHERE r.billing_import_id = %(made)s AND r.kind = 'L' AND NOT v.same
          AND r.status IN {_EARNING}
        UNION ALL
        SELECT v.line, v.currency, -l.amount_minor, l.kind, v.issued, l.service_start,
               l.service_end
        FROM billing_invoiceline l JOIN invoices v ON v.known = l.invoice_id
        WHERE NOT v.same AND v.was IN {_EARNING}
    ), lines AS (
        SELECT line, currency, amount_minor,
               CASE WHEN line_kind <> 'CREDIT' THEN service_start
                    WHEN invoice_date < service_end THEN greatest(service_start, invoice_date)
                    ELSE invoice_date END AS start,
               CASE WHEN line_kind = 'CREDIT' AND invoice_date >= service_end
                    THEN invoice_date + 1 ELSE service_end END AS after
        FROM said
    )
    SELECT 'invoice lines', m.first, l.currency, l.line,
           round(l.amount_minor::numeric * (least(m.after, l.after) - l.start)
                 / (l.after - l.start))
         - round(l.amount_minor::numeric * (greatest(m.first, l.start) - l.start)
                 / (l.after - l.start)) AS minor
    FROM lines l JOIN months m ON l.start < m.after AND l.after > m.first
    UNION ALL
    SELECT 'refunds and disputes', m.first, s.currency, s.line,
           CASE WHEN s.event_kind IN ('REFUND', 'DISPUTE') THEN -s.amount_minor
                ELSE s.amount_minor END
    FROM billing_stagedrow s JOIN months m ON s.occurred_on >= m.first AND s.occurred_on < m.after
    WHERE s.billing_import_id = %(made)s AND s.kind = 'P' AND s.event_kind <> 'PAYMENT'
      AND NOT EXISTS (SELECT FROM billing_paymentevent e WHERE e.fingerprint = s.digest::text)
    UNION ALL
    SELECT 'subscriptions', m.first, s.currency, s.line, NULL
    FROM billing_stagedrow s
    JOIN months m ON s.start_date < m.after AND coalesce(s.end_date, 'infinity') > m.first
    WHERE s.billing_import_id = %(made)s AND s.kind = 'S'
      AND NOT EXISTS (SELECT FROM billing_subscription u WHERE u.external_id = s.subscription
                      AND u.fingerprint = s.digest::text)
"""  # noqa: S608 - constants
_TOTALS = f"""
    SELECT what, first, currency, count(DISTINCT line), sum(minor)
    FROM ({_TOUCHING}) t (what, first, currency, line, minor)
    GROUP BY 1, 2, 3 ORDER BY 2, 1, 3
"""  # noqa: S608 - constants
_ROWS = f"""
    SELECT count(DISTINCT line), min(line)
    FROM ({_TOUCHING}) t (what, first, currency, line, minor)
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class ClosedTotal:
    """Rows of one kind and currency that touch one closed month.

    `revenue`: their part of it, straight-line, net of tax, in major units; None of subscriptions,
    which earn only on days no invoice covers.
    """

    what: str
    month: dt.date
    currency: str
    rows: int
    revenue: Decimal | None


@dataclass(frozen=True, slots=True)
class Touched:
    """How many rows touch closed months, the first of them, and the month they are posted in."""

    rows: int
    line: int
    posted: dt.date
    totals: list[ClosedTotal]

    @property
    def months(self) -> list[dt.date]:
        """The closed months, in order."""
        return sorted({one.month for one in self.totals})

    def __str__(self) -> str:
        """Say it in a sentence."""
        rows = "1 row touches" if self.rows == 1 else f"{self.rows:,} rows touch"
        months = ", ".join(f"{month:%Y-%m}" for month in self.months)
        closed = "a closed month" if len(self.months) == 1 else "closed months"
        return f"{rows} {closed} ({months})"


def touched(made: BillingImport) -> Touched | None:
    """Return what of an import's staged rows touches closed months; None if nothing does."""
    closed = MonthClose.objects.filter(reopening=None).order_by("month")
    months = list(closed.values_list("month", flat=True))
    if not months:
        return None
    asked: dict[str, Any] = {"made": made.pk, "months": months}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, asked)
        rows, line = cursor.fetchone()
        if not rows:
            return None
        cursor.execute(_TOTALS, asked)
        totals = [
            ClosedTotal(
                what, month, code, count,
                None if minor is None else Decimal(minor).scaleb(-minor_digits(code)),
            )
            for what, month, code, count, minor in cursor.fetchall()
        ]  # fmt: skip
    return Touched(rows, line, next_month(months[-1]), totals)
