"""How good, fast and small the answers are, beside other ways to search the same clauses. Run by `make bench`."""
