"""Places of mainland China and its special regions down to counties (GB/T 2260), by name and by code."""
