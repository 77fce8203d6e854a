"""Pixels to files: JPEG, PNG and WebP, the same pixels always to the same bytes."""
