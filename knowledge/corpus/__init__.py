"""The policy texts: a folder each, with the source as received, its card, and how people ask about its clauses."""
