"""Pictures of pictures: contact sheets and comparisons, set by our own text engine."""
