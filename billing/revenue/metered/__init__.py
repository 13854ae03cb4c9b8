"""Revenue that follows usage: prepaid credits as they are drawn, usage no line bills yet.

The usage is the plan's: of a customer on several plans a day's usage is shared over them as its
cost is, by daily contracted revenue; `UsedBy.of` says what a plan without a share is measured by,
`claims.holder` which of several accrues it.
"""

from billing.revenue.metered.accrued import accrued, passed_over
from billing.revenue.metered.claims import Claim
from billing.revenue.metered.prepaid import drawn
from billing.revenue.metered.usage import Usage, Used, UsedBy

__all__ = ["Claim", "Usage", "Used", "UsedBy", "accrued", "drawn", "passed_over"]
