"""Layout + brand → exact bytes."""
