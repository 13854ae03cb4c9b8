"""The chart of accounts: which account of the general ledger a posting goes to."""

from django.db import models
from django.db.models import Q

from tknops.audit import audited


class Posting(models.TextChoices):
    """What a line of a journal entry is for."""

    AI_COST = "AI_COST", "AI cost of revenue"
    AI_EXPENSE = "AI_EXPENSE", "AI cost, operating expense"
    AI_INTERNAL = "AI_INTERNAL", "AI cost, internal"
    TRUE_UP = "TRUE_UP", "true-up of provider bills"
    ACCRUED = "ACCRUED", "accrued AI cost"
    PAYABLE = "PAYABLE", "payable to providers"
    INPUT_TAX = "INPUT_TAX", "tax on provider bills"
    POOL_COST = "POOL_COST", "shared cost of revenue"
    POOL_OPEX = "POOL_OPEX", "shared cost, operating expense"
    POOL_INTERNAL = "POOL_OWN", "shared cost, internal"
    POOL_ACCRUED = "POOL_DUE", "accrued shared cost"
    RECEIVABLE = "RECEIVABLE", "accounts receivable"
    UNBILLED = "UNBILLED", "unbilled receivables"
    DEFERRED = "DEFERRED", "deferred revenue"
    REVENUE = "REVENUE", "revenue"


@audited()
class LedgerAccount(models.Model):
    """An account in place of the default of a posting, for a provider or for all of them."""

    posting = models.CharField(max_length=11, choices=Posting)
    provider_code = models.CharField(
        max_length=100,
        blank=True,
        help_text="Of AI cost, accruals, true-ups and bills; empty: every one.",
    )
    code = models.CharField(max_length=40, help_text="As in your general ledger.")
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["posting", "provider_code"],
                name="billing_ledgeraccount_unique",
                violation_error_message="This posting has an account already: change that one.",
            ),
            models.CheckConstraint(
                condition=Q(posting__in=Posting.values),
                name="billing_ledgeraccount_posting_known",
            ),
            models.CheckConstraint(
                condition=Q(provider_code="")
                | Q(
                    posting__in=[
                        "AI_COST",
                        "AI_EXPENSE",
                        "AI_INTERNAL",
                        "TRUE_UP",
                        "ACCRUED",
                        "PAYABLE",
                        "INPUT_TAX",
                    ]
                ),
                name="billing_ledgeraccount_provider_of_cost",
                violation_error_message="Revenue and shared cost have no provider.",
            ),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name=""), name="billing_ledgeraccount_is_named"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
