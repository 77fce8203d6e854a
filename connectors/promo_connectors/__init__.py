"""The built-in connectors, one folder each."""
