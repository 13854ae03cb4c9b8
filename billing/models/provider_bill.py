"""What providers billed: files of bills and usage reports, invoices by month, and their lines."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value

from billing.models.imports import sender_of
from tknops.audit import audited
from tknops.database import not_nan
from usage.models import ApiKey
from usage.tokens import PRICED

COST_DECIMALS, QUANTITY_DECIMALS = 18, 6


@audited(inserts=False)
class ProviderImport(models.Model):
    """Files of a provider's bill: read and shown first, then counted whole, undone as a unit."""

    class State(models.TextChoices):
        """Where it stands; its lines count only while it is applied."""

        STAGING = "STAGING", "being read"
        REFUSED = "REFUSED", "has errors"
        STAGED = "STAGED", "to be confirmed"
        APPLIED = "APPLIED", "imported"
        UNDONE = "UNDONE", "undone"

    file_name = models.CharField(
        max_length=200, help_text="Of several files the first and a count."
    )
    files = models.JSONField(
        default=list, help_text="Name, SHA-256 and lines of each; `kept`: our name."
    )
    content_sha256 = models.CharField(max_length=64, help_text="Over the hashes of its files.")
    state = models.CharField(max_length=8, choices=State, default=State.STAGING)
    given = models.JSONField(
        default=dict, blank=True, help_text="What was said with it: format, provider, total, rate."
    )
    errors = models.JSONField(default=list, blank=True, help_text="Line and sentence, the first.")
    notes = models.JSONField(default=list, blank=True, help_text="What was left out, in sentences.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    api_key = models.ForeignKey(ApiKey, null=True, blank=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["STAGING", "REFUSED", "STAGED", "APPLIED", "UNDONE"]),
                name="billing_providerimport_state_known",
            ),
            models.UniqueConstraint(
                fields=["content_sha256"],
                condition=Q(state="APPLIED"),
                name="billing_providerimport_counts_once",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk} of {self.file_name}"

    @property
    def sender(self) -> str:
        """Name who brought it."""
        return sender_of(self.created_by, self.api_key)

    @property
    def lines(self) -> int:
        """How many lines its files hold; 0 while they are not read."""
        return sum(file.get("lines", 0) for file in self.files)


class ProviderInvoiceQuerySet(models.QuerySet["ProviderInvoice"]):
    """Filters of invoices."""

    def counting(self) -> "ProviderInvoiceQuerySet":
        """Keep those of imports that are in force."""
        return self.filter(provider_import__state=ProviderImport.State.APPLIED)


class ProviderInvoice(models.Model):
    """What a provider billed for a UTC month in one currency, as one kind of file tells it."""

    class Source(models.TextChoices):
        """What told it; a usage report has quantities and no cost."""

        OPENAI_COSTS = "OPENAI_COSTS", "OpenAI costs"
        OPENAI_USAGE = "OPENAI_USAGE", "OpenAI usage"
        ANTHROPIC_COST = "ANTHROPIC_COST", "Anthropic cost report"
        ANTHROPIC_USAGE = "ANTHROPIC_USAGE", "Anthropic usage report"
        FOCUS = "FOCUS", "FOCUS"
        GENERIC = "GENERIC", "CSV"

    provider_import = models.ForeignKey(
        ProviderImport, on_delete=models.CASCADE, related_name="invoices"
    )
    provider_code = models.CharField(max_length=100)
    month = models.DateField(help_text="Its first day; the month is of UTC days.")
    currency = models.CharField(max_length=3, help_text="ISO 4217, such as USD.")
    source = models.CharField(max_length=15, choices=Source)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    number = models.CharField(max_length=200, blank=True, help_text="As the provider numbers it.")
    total_stated = models.DecimalField(
        max_digits=38, decimal_places=COST_DECIMALS, null=True, blank=True,
        help_text="Total as invoiced, tax included; empty: the sum of its lines.",
    )  # fmt: skip
    rate = models.DecimalField(
        max_digits=20, decimal_places=10, null=True, blank=True,
        help_text="What one unit of its currency cost in the reporting currency.",
    )  # fmt: skip

    objects = ProviderInvoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "provider_import", "provider_code", "month", "currency", "source", "number",
                ],
                name="billing_providerinvoice_unique",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="billing_providerinvoice_month_starts"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                name="billing_providerinvoice_currency_is_code",
            ),
            models.CheckConstraint(
                condition=~Q(provider_code=""), name="billing_providerinvoice_has_provider"
            ),
            models.CheckConstraint(
                condition=Q(
                    source__in=["OPENAI_COSTS", "OPENAI_USAGE", "ANTHROPIC_COST", "ANTHROPIC_USAGE",
                                "FOCUS", "GENERIC"]
                ),
                name="billing_providerinvoice_source_known",
            ),
            models.CheckConstraint(
                condition=Q(rate=None) | Q(rate__gt=0) & ~Q(rate=Value("NaN")),
                name="billing_providerinvoice_rate_above_0",
            ),
            not_nan("billing_providerinvoice_total_is_number", "total_stated"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["month", "provider_code"], name="billing_providerinvoice_month")
        ]

    def __str__(self) -> str:
        return f"{self.provider_code} {self.month:%Y-%m} {self.number}".strip()


class ProviderInvoiceLine(models.Model):
    """One line of a bill: immutable, exact, in the currency of its invoice.

    Its total is billed cost + credits + tax. A line of a usage report has no cost.
    """

    class Kind(models.TextChoices):
        """What it is for."""

        USAGE = "USAGE", "usage"
        CREDIT = "CREDIT", "credit"
        TAX = "TAX", "tax"
        ROUNDING = "ROUNDING", "rounding"
        OTHER = "OTHER", "other"

    invoice = models.ForeignKey(ProviderInvoice, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.USAGE)
    day = models.DateField(null=True, blank=True, help_text="UTC day; empty: of the whole month.")
    model = models.CharField(max_length=200, blank=True, help_text="As billed.")
    token_class = models.CharField(max_length=30, blank=True, help_text="Empty: not told apart.")
    meter = models.CharField(max_length=200, blank=True, help_text="As billed.")
    quantity = models.DecimalField(
        max_digits=30, decimal_places=QUANTITY_DECIMALS, null=True, blank=True
    )
    unit_price = models.DecimalField(
        max_digits=38, decimal_places=COST_DECIMALS, null=True, blank=True,
        help_text="Of one token, second, page …",
    )  # fmt: skip
    list_cost = models.DecimalField(
        max_digits=38, decimal_places=COST_DECIMALS, null=True, blank=True
    )
    billed_cost = models.DecimalField(
        max_digits=38, decimal_places=COST_DECIMALS, null=True, blank=True,
        help_text="Before credits and tax of their own columns; empty in a usage report.",
    )  # fmt: skip
    credits = models.DecimalField(max_digits=38, decimal_places=COST_DECIMALS, default=0)
    tax = models.DecimalField(max_digits=38, decimal_places=COST_DECIMALS, default=0)
    as_billed = models.CharField(max_length=60, blank=True, help_text="The cost as spelled.")
    reference = models.CharField(max_length=120, help_text="Where it stands in the file.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["USAGE", "CREDIT", "TAX", "ROUNDING", "OTHER"]),
                name="billing_providerinvoiceline_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(token_class__in=["", *PRICED]),
                name="billing_providerinvoiceline_class_known",
            ),
            models.CheckConstraint(
                condition=Q(billed_cost__isnull=False)
                | Q(kind="USAGE", quantity__isnull=False, credits=0, tax=0),
                name="billing_providerinvoiceline_says_something",
            ),
            models.CheckConstraint(
                condition=Q(kind="USAGE") | Q(credits=0, tax=0),
                name="billing_providerinvoiceline_one_kind_of_money",
            ),
            *(
                not_nan(f"billing_providerinvoiceline_{field}_is_number", field)
                for field in (
                    "quantity",
                    "unit_price",
                    "list_cost",
                    "billed_cost",
                    "credits",
                    "tax",
                )
            ),
        ]
        indexes = [models.Index(F("invoice"), F("day"), name="billing_providerline_day")]

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.reference}"
