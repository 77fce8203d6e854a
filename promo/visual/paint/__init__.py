"""Painting: a scene becomes pixels."""
