"""Text: fonts, shaping, line breaks, and blocks of set lines."""
