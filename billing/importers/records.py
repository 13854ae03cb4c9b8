"""What a row of a billing file says, independent of the biller."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A customer as billed."""

    external_id: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ListedCustomer(CustomerRecord):
    """A customer of a list of customers, with the texts its biller keeps beside it, by key."""

    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """A subscription; the price is per so many intervals for all seats, in major units."""

    external_id: str
    customer: CustomerRecord
    plan: str
    price: Decimal
    currency: str
    interval: str
    interval_count: int
    quantity: int
    status: str
    start_date: dt.date
    trial_end_date: dt.date | None
    end_date: dt.date | None
    renews_date: dt.date | None


@dataclass(frozen=True, slots=True)
class LineRecord:
    """An invoice line, net of tax and after discount, in minor units; dates half-open."""

    invoice_id: str
    line_id: str
    number: str
    customer: CustomerRecord
    invoice_date: dt.date
    currency: str
    status: str
    amount_minor: int
    service_start: dt.date
    service_end: dt.date
    kind: str = "RECURRING"
    plan: str = ""
    subscription: str = ""
    credits: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A payment, refund or dispute of a charge, above 0 in minor units.

    Its id is charge:kind:reference. With `running` the amount is what there was of the kind by
    then: of what is known already only the rest is new.
    """

    charge: str
    kind: str
    customer: CustomerRecord
    occurred_on: dt.date
    currency: str
    amount_minor: int
    reference: str = ""
    invoice: str = ""
    fee_minor: int | None = None
    running: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is no revenue and says why; counted, with its amount where it has one."""

    reason: str
    currency: str = ""
    amount_minor: int = 0


Kept = CustomerRecord | SubscriptionRecord | LineRecord | PaymentRecord
Record = Kept | LeftOut
