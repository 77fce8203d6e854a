"""Seeing the engine room: health, metrics and traces of a process that publishes."""
