"""What was drawn once and is found again."""
