"""The chart of accounts: a default for each posting, replaced where the installation says so."""

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


class Chart:
    """Which account a posting goes to, as the installation has it now."""

    def __init__(self) -> None:
        """Read the accounts that replace defaults."""
        self._own = {
            (row.posting, row.provider_code): Account(row.code, row.name)
            for row in LedgerAccount.objects.all()
        }

    def account(self, posting: Posting, provider: str = "") -> Account:
        """Return the account of a provider, else that of all, else the default."""
        return (
            self._own.get((posting, provider)) or self._own.get((posting, "")) or DEFAULTS[posting]
        )
