"""The style guide's rules, held against the scene and its finished pixels."""
