"""Random lines through the product's own functions, and whether what must tie does."""
