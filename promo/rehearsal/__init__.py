"""The same code on a virtual clock, against stand-ins of the channels, on a copy of the ledger in memory."""
