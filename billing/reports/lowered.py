"""What lowers revenue or lacks a record: contra-revenue, bad debt, split lines."""

from billing.models import Invoice
from billing.reports.deferred import account_names, major
from billing.reports.table import Column, Row, Table
from billing.revenue import contra, split_lines
from tknops.calendar import Period

_MOST = 500


def contra_table(period: Period, currency: str) -> Table:
    """List refunds and disputes no credit note covers, newest first."""
    found = [one for one in contra(period) if one.stream.currency == currency][::-1]
    names = account_names([one.stream.billing_customer_id for one in found])
    rows = []
    for one in found[:_MOST]:
        stream = one.stream
        cells = {
            "day": stream.service.start.isoformat(),
            "account": names[stream.billing_customer_id],
            "what": one.what,
            "invoice": one.reference,
            "missing": "credit note" if one.known else "credit note; the invoice is not here",
            "revenue": major(stream.amount_minor, currency),
        }
        links = {}
        if stream.invoice_id:
            links["invoice"] = f"billing/invoice/{stream.invoice_id}/change/"
        rows.append(Row(cells, links=links))
    columns = (
        Column("day", "Date"),
        Column("account", "Account"),
        Column("what", "Record"),
        Column("invoice", "Invoice"),
        Column("missing", "Missing"),
        Column("revenue", "Revenue", "money", adds=True),
    )
    total = sum(one.stream.amount_minor for one in found)
    return Table(
        columns,
        rows,
        Row({"day": "Total", "revenue": major(total, currency)}),
        caption=f"Contra-revenue without a credit note, since {period.start:%B %Y}",
        name="contra",
        note=_more(len(found)),
        currency=currency,
    )


def bad_debt_table(period: Period, currency: str) -> Table:
    """List uncollectible invoices dated up to the end of a period, newest first."""
    invoices = Invoice.objects.filter(
        status=Invoice.Status.UNCOLLECTIBLE, invoice_date__lt=period.end, currency=currency
    ).prefetch_related("lines")
    found = list(invoices.order_by("-invoice_date", "pk"))
    names = account_names([one.billing_customer_id for one in found])
    nets = {one.pk: sum(line.amount_minor for line in one.lines.all()) for one in found}
    rows = [
        Row(
            {
                "invoice": str(one),
                "account": names[one.billing_customer_id],
                "day": one.invoice_date.isoformat(),
                "net": major(nets[one.pk], currency),
            },
            f"billing/invoice/{one.pk}/change/",
        )
        for one in found[:_MOST]
    ]
    columns = (
        Column("invoice", "Invoice"),
        Column("account", "Account"),
        Column("day", "Invoiced on"),
        Column("net", "Net of tax", "money", "bad debt over its service period", adds=True),
    )
    total = Row({"invoice": "Total", "net": major(sum(nets.values()), currency)})
    return Table(
        columns, rows, total, caption="Bad debt: uncollectible invoices", name="bad_debt",
        note=_more(len(found)), currency=currency,
    )  # fmt: skip


def split_table(period: Period, currency: str) -> Table:
    """List the parts of lines without a plan that earn something in a period, with the rule."""
    found = [line for line in split_lines(period) if line.currency == currency]
    names = account_names([line.billing_customer_id for line in found])
    invoices = Invoice.objects.in_bulk([line.invoice_id for line in found])
    rows = [
        Row(
            {
                "invoice": str(invoices[line.invoice_id]),
                "account": names[line.billing_customer_id],
                "plan": line.plan or "",
                "method": line.method,
                "net": major(line.amount_minor, currency),
            },
            f"billing/invoice/{line.invoice_id}/change/",
        )
        for line in found[:_MOST]
    ]
    columns = (
        Column("invoice", "Invoice"),
        Column("account", "Account"),
        Column("plan", "Plan"),
        Column("method", "Split"),
        Column("net", "Net of tax", "money", "the parts sum to the line", adds=True),
    )
    total = sum(line.amount_minor for line in found)
    return Table(
        columns, rows, Row({"invoice": "Total", "net": major(total, currency)}),
        caption="Lines without a plan, split", name="split", note=_more(len(found)),
        currency=currency,
    )  # fmt: skip


def _more(count: int) -> str:
    return (
        f"The newest {_MOST:,} of {count:,} are listed; the total is of all."
        if (count > _MOST)
        else ""
    )
