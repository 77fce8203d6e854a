"""Campaigns → deliveries: occurrences, compilation, the difference to the ledger."""
