"""The columns of the generic template: what each means, and what other billers call it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from billing.importers import generic


@dataclass(frozen=True, slots=True)
class Field:
    """A column: label, explanation, an example, and names it often has (letters, digits)."""

    name: str
    label: str
    about: str
    example: str = ""
    names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether every file needs it."""
        return self.name in generic.REQUIRED


FIELDS = (
    Field("external_customer_id", "Customer id", "The biller's id of the customer.", "acme", (
        "customerid", "customerexternalid", "externalcustomerid", "accountcode", "customercode",
        "customerhandle", "clientid", "accountid", "customer", "client", "account", "customerno",
        "customernumber", "kundennummer", "debitor", "customerref")),
    Field("customer_name", "Customer name", "Shown, and used to suggest matches.", "Acme Inc", (
        "customername", "accountname", "companyname", "company", "clientname", "billtoname",
        "kunde", "name")),
    Field("customer_email", "Customer e-mail", "Used to suggest matches.", "ap@acme.example", (
        "customeremail", "email", "billingemail", "accountemail")),
    Field("invoice_id", "Invoice id", "Unique per invoice: importing it again changes nothing.",
          "INV-1", ("invoiceid", "invoicenumber", "invoiceno", "invoice", "documentnumber", "num",
                    "rechnungsnummer", "belegnummer", "number", "transactionid")),
    Field("line_id", "Line id", "Unique within the invoice; 1 where empty.", "1", (
        "lineid", "lineitemid", "lineno", "linenumber", "itemid", "feeid", "position", "pos")),
    Field("plan_code", "Plan", "The plan sold; plans that are new are created.", "pro", (
        "plancode", "plan", "planid", "planname", "entityid", "sku", "priceid", "tariff")),
    Field("product", "Product", "Stands in where the plan is empty.", "", (
        "product", "productname", "productcode", "item", "itemcode", "productservice", "artikel")),
    Field("description", "Description", "Shown beside the line.", "", (
        "description", "memo", "memodescription", "itemdescription", "linedescription",
        "beschreibung", "text")),
    Field("amount", "Amount", "Before tax that comes on top; with tax where the tax mode is "
          "inclusive.", "49.00", (
        "amount", "netamount", "lineamount", "subtotal", "amountexcltax", "totalexcltax", "net",
        "nettobetrag", "netto", "amountindecimal", "price", "total", "betrag")),
    Field("currency", "Currency", "ISO 4217.", "USD", (
        "currency", "currencycode", "ccy", "waehrung", "wahrung", "amountcurrency")),
    Field("amount_unit", "Unit of amounts", "major: 49.00; minor: 4900.", "major", (
        "amountunit",), ("major", "minor")),
    Field("tax_amount", "Tax", "Never revenue: taken out where it is inclusive.", "", (
        "taxamount", "tax", "vat", "vatamount", "salestax", "ust", "mwst")),
    Field("tax_mode", "Tax is", "exclusive: comes on top; inclusive: is in the amount; none. "
          "Needed where there is a tax.", "none", ("taxmode", "taxbehavior"),
          ("exclusive", "inclusive", "none")),
    Field("discount_amount", "Discount", "Taken off the amount.", "", (
        "discountamount", "discount", "coupon", "couponamount", "rabatt")),
    Field("subscription_id", "Subscription id", "Joins the line to its subscription.", "", (
        "subscriptionid", "subscription", "contractid", "contract", "subscriptionexternalid")),
    Field("credited_invoice_id", "Credited invoice", "On a credit note: the invoice it credits.",
          "", ("creditedinvoiceid", "creditedinvoice", "previousinvoiceid", "originalinvoice",
               "creditof", "referenceinvoice")),
    Field("service_start", "Service from", "First day the line pays for.", "2026-10-01", (
        "servicestart", "periodstart", "startdate", "datefrom", "fromdate", "serviceperiodstart",
        "from", "start", "leistungvon", "billingperiodstart")),
    Field("service_end", "Service to", "The day after the last one, unless told that the last day "
          "counts.", "2026-11-01", (
        "serviceend", "periodend", "enddate", "dateto", "todate", "serviceperiodend", "to", "end",
        "leistungbis", "billingperiodend")),
    Field("invoice_date", "Invoice date", "When it was issued.", "2026-10-01", (
        "invoicedate", "date", "issuedate", "issuingdate", "issuedon", "createdat", "created",
        "documentdate", "rechnungsdatum", "datum", "closedat")),
    Field("type", "Kind of line", "recurring, usage, one_time, credit or refund; recurring where "
          "empty.", "recurring", ("type", "linetype", "entitytype", "chargetype", "feetype"),
          tuple(generic.KINDS)),
    Field("status", "Status", "draft and void never count; uncollectible is bad debt; open where "
          "empty.", "paid", ("status", "invoicestatus", "state", "paymentstatus"),
          tuple(generic.STATUSES)),
)  # fmt: skip
_LAST_DAY = re.compile(r"^(dateto|todate|to|leistungbis|feetodate.*|lastday)$")


def suggest(names: Iterable[str]) -> dict[str, str]:
    """Return field → column where a column's name says what it is; each column at most once."""
    plain = {_plain(name): name for name in reversed(list(names)) if name}
    found: dict[str, str] = {}
    for field in FIELDS:
        said = (field.name.replace("_", ""), *field.names)
        column = next((plain[name] for name in said if name in plain), None)
        if column is not None and column not in found.values():
            found[field.name] = column
    return found


def names_last_day(column: str) -> bool:
    """Tell whether a column of an end is usually the last day, not the one after."""
    return bool(_LAST_DAY.match(_plain(column)))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
