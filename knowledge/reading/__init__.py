"""From the bytes of a text as received to clauses, with an account of every character."""
