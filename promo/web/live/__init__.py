"""The live page of `promo render --watch`: pictures that follow the files while one edits them."""
