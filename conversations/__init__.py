"""The talk: pure functions over plain data."""
