"""What a process that runs for long does with its memory."""

import gc


def keep_loaded() -> None:
    """Exempt what is loaded by now from the search for unused cycles, for as long as the process runs.

    The knowledge, some 200,000 objects, stays: looking through it holds up whoever is waiting, for a quarter of a
    second each time. Call it when everything is loaded.
    """
    gc.collect()
    gc.freeze()


def keep_also() -> None:
    """Exempt what was loaded since, without a search for what is unused: people are waiting."""
    gc.freeze()
