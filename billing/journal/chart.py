"""The chart of accounts: a default for each posting, replaced where the installation says so."""

from collections.abc import Iterable, Sequence

from billing.journal.entry import Account
from billing.models import LedgerAccount, Posting

DEFAULTS = {
    Posting.AI_COST: Account("5100", "AI cost of revenue"),
    Posting.AI_EXPENSE: Account("6100", "AI cost, operating expense"),
    Posting.AI_INTERNAL: Account("6110", "AI cost, internal use"),
    Posting.TRUE_UP: Account("5190", "AI cost, true-up of provider bills"),
    Posting.ACCRUED: Account("2100", "Accrued AI cost"),
    Posting.PAYABLE: Account("2000", "Accounts payable"),
    Posting.INPUT_TAX: Account("1400", "Input tax"),
    Posting.POOL_COST: Account("5200", "Shared cost of revenue"),
    Posting.POOL_OPEX: Account("6200", "Shared cost, operating expense"),
    Posting.POOL_INTERNAL: Account("6210", "Shared cost, internal use"),
    Posting.POOL_ACCRUED: Account("2110", "Accrued shared cost"),
    Posting.RECEIVABLE: Account("1200", "Accounts receivable"),
    Posting.UNBILLED: Account("1250", "Unbilled receivables"),
    Posting.DEFERRED: Account("2400", "Deferred revenue"),
    Posting.REVENUE: Account("4000", "Revenue"),
}

# Posting, provider (empty: of all), code and name of an account.
Rows = Iterable[Sequence[str]]


class Chart:
    """Which account a posting goes to: as the installation has it now, or as a close froze it."""

    def __init__(self, rows: Rows | None = None) -> None:
        """Take the accounts that replace defaults; without any, read them."""
        if rows is None:
            rows = LedgerAccount.objects.values_list("posting", "provider_code", "code", "name")
        self._own = {
            (posting, provider): Account(code, name) for posting, provider, code, name in rows
        }

    def account(self, posting: Posting, provider: str = "") -> Account:
        """Return the account of a provider, else that of all, else the default."""
        return (
            self._own.get((posting, provider)) or self._own.get((posting, "")) or DEFAULTS[posting]
        )

    def rows(self) -> list[list[str]]:
        """List every account in force, defaults too, so that later defaults change nothing."""
        found = {(str(posting), ""): account for posting, account in DEFAULTS.items()} | self._own
        return [[*key, account.code, account.name] for key, account in sorted(found.items())]
