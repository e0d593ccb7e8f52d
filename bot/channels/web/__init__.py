"""The chat page: HTML from the server, which works without a script and better with it."""
