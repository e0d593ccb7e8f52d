"""The caseworkers' desk in the browser: pages that are made here, and work without a script."""
