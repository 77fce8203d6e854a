"""The Chinese words, one module a room."""
