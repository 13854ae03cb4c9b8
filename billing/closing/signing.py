"""The checklist of a month: what each check finds, and who took a finding as it is."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from billing.closing.checks import CHECKS, Check, Finding
from billing.closing.errors import ClosingError
from billing.models import CheckSignature
from tknops.calendar import Period, next_month


@dataclass(frozen=True, slots=True)
class Checked:
    """A check, what it found, and the signature under exactly that finding."""

    check: Check
    finding: Finding
    signature: CheckSignature | None

    @property
    def settled(self) -> bool:
        """Whether it stands in nobody's way."""
        return self.finding.ok or self.signature is not None


def checked(month: dt.date) -> list[Checked]:
    """Run every check of a month. A finding that changed is unsigned again."""
    signed: dict[tuple[str, str], CheckSignature] = {}
    for row in CheckSignature.objects.filter(month=month).order_by("pk"):
        signed[row.check_name, row.finding] = row
    days = Period(month, next_month(month))
    found = [(check, check.find(days)) for check in CHECKS]
    return [
        Checked(
            check, finding, None if finding.ok else signed.get((check.name, finding.text[:500]))
        )
        for check, finding in found
    ]


def sign(
    *, month: dt.date, name: str, note: str, user: Any = None, signed_name: str = ""
) -> CheckSignature:
    """Take what a check finds now as it is, with a note and a name. Raises ClosingError."""
    known = {check.name: check for check in CHECKS}
    if name not in known:
        message = f"{name!r} is no check; accepted: {', '.join(known)}"
        raise ClosingError(message)
    named = signed_name.strip() or (user.get_username() if user else "")
    if not note.strip() or not named:
        message = f"{name}: a signature needs a note and a name"
        raise ClosingError(message)
    finding = known[name].find(Period(month, next_month(month)))
    if finding.ok:
        message = f"{name} needs no signature: {finding.text}"
        raise ClosingError(message)
    return CheckSignature.objects.create(
        month=month,
        check_name=name,
        finding=finding.text[:500],
        note=note.strip()[:500],
        signed_by=user,
        signed_name=named[:200],
    )
