"""How people reach us: thin, no dialog logic."""
