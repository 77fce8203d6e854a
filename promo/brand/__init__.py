"""The style guide, and the checks against it."""
