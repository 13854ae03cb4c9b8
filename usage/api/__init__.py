"""HTTP doors of the usage app."""
