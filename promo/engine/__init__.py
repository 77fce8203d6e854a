"""Who wakes the publisher."""
