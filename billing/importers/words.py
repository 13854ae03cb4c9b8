"""What billers call the states and kinds of the generic template."""

from billing.importers import generic

STATUSES = {
    **generic.STATUSES,
    **dict.fromkeys(
        ("posted", "finalized", "sent", "issued", "unpaid", "not_paid", "payment_due", "overdue",
         "past_due", "partially_paid", "partial", "processing", "outstanding", "authorised"),
        "OPEN",
    ),
    **dict.fromkeys(("succeeded", "settled", "complete", "completed", "collected"), "PAID"),
    **dict.fromkeys(("voided", "cancelled", "canceled", "deleted"), "VOID"),
    **dict.fromkeys(("written_off", "bad_debt", "write_off"), "UNCOLLECTIBLE"),
    **dict.fromkeys(("pending", "scheduled"), "DRAFT"),
}  # fmt: skip
KINDS = {
    **generic.KINDS,
    **dict.fromkeys(
        ("subscription", "plan", "plan_item_price", "addon_item_price"),
        "RECURRING",
    ),
    **dict.fromkeys(("metered", "overage", "usage_based", "consumption"), "USAGE"),
    **dict.fromkeys(
        ("charge", "charge_item_price", "adhoc", "setup", "setup_fee", "add_on", "one_off",
         "onetime"),
        "ONE_TIME",
    ),
    **dict.fromkeys(("credit_note", "credit_memo", "creditnote", "cn"), "CREDIT"),
}  # fmt: skip
