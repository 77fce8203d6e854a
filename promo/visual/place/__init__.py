"""Placing: a layout, filled with content in a brand's style, becomes a scene."""
