"""For connector authors and our own tests: the contract suite, a stand-in channel."""
