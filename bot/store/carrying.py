"""What a backup that is put back must not undo: it goes over from the store that is there into the one that comes."""

from bot.store.base import Database


def carry_over(present: Database, candidate: Database) -> None:
    """Let `candidate` go on from where `present`, an older or newer state of the same store, is.

    Raises:
        StoreError: one of them cannot be used.

    """
    with candidate.writing():
        # A number that people have seen, or a program has read up to, is not given to something else.
        candidate.count_on(present.counters())
