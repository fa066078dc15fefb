"""Use-cases: one call is one transaction, with its history rows."""
