"""Domains of e-mail addresses: which say whose an address is."""

# Mailbox providers: their domain says nothing about who employs somebody.
_ANYBODY = frozenset(
    ("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com",
     "gmx.de", "web.de", "proton.me", "live.com", "aol.com")
)  # fmt: skip


def company_domain(address: str) -> str:
    """Return the domain of an address, or of a domain; '' if it is none or anybody's."""
    domain = address.rpartition("@")[2].strip().lower()
    return "" if "." not in domain or " " in domain or domain in _ANYBODY else domain
