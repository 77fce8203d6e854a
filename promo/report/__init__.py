"""Reach reports: query, summary, charts, terminal and HTML."""
