"""The ledger and its state machine: each delivery goes out once."""
