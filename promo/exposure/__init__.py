"""What came back: visits, channel counts, hand entries, proofs."""
