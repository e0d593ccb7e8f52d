"""The HTTP API for offices that pull registrations into their own systems."""
