"""The vocabulary of a household's facts, their validation, and what follows from them."""
