"""Background work whose truth is a row: the broker is only a doorbell."""
