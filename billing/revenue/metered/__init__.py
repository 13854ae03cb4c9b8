"""Revenue that follows usage: prepaid credits as they are drawn, usage no line bills yet.

The usage is the customer's whole usage of a day in the policy's measure.
"""

from billing.revenue.metered.accrued import accrued
from billing.revenue.metered.prepaid import drawn
from billing.revenue.metered.usage import Usage, Used

__all__ = ["Usage", "Used", "accrued", "drawn"]
