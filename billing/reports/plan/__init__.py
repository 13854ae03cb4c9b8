"""What the accounts of a plan cost and pay: spread, prices, allowances, and what a change does."""
