"""What is kept for the record: consents, and the questions that no text answers."""

import datetime
from collections.abc import Sequence

from bot.store.base import Database, Row
from bot.store.rows import utc
from conversations.messages import ConsentGiven, Unanswered


class Ledger:
    """The records in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def consent(self, sender: str, consent: ConsentGiven, at: datetime.datetime, channel: str) -> None:
        """Record a yes or no to a consent's text."""
        self._database.execute(
            "INSERT INTO consents (sender, consent, text_version, given, at, channel) VALUES (?, ?, ?, ?, ?, ?)",
            (sender, consent.consent, consent.text_version, int(consent.given), utc(at), channel),
        )

    def consents(self, sender: str) -> Sequence[Row]:
        """The sender's consents, oldest first."""
        return self._database.query(
            "SELECT consent, text_version, given, at, channel FROM consents WHERE sender = ? ORDER BY id", (sender,)
        )

    def forget(self, sender: str) -> None:
        """The sender's consents are not kept any longer than what they were for."""
        self._database.execute("DELETE FROM consents WHERE sender = ?", (sender,))

    def unanswered(self, question: Unanswered, day: datetime.date) -> None:
        """Record a question that no text answers."""
        self._database.execute(
            "INSERT INTO unanswered (day, region, outcome, words) VALUES (?, ?, ?, ?)",
            (day.isoformat(), question.region, question.outcome, question.words),
        )

    def questions(self, since: datetime.date, until: datetime.date = datetime.date.max) -> Sequence[Row]:
        """What was asked in vain from a day to another: the words, where, how it ended, and how often, most first."""
        return self._database.query(
            "SELECT words, region, outcome, count(*) AS times, max(day) AS last FROM unanswered "
            "WHERE day BETWEEN ? AND ? AND words <> '' GROUP BY words, region, outcome "
            "ORDER BY times DESC, last DESC, words",
            (since.isoformat(), until.isoformat()),
        )
