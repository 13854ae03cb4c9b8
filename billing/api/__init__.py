"""HTTP doors of the billing app."""
