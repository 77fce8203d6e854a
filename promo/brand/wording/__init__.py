"""What the brand's words are held to: its own voice, and the law of its trades (`packs/*.yaml`)."""
