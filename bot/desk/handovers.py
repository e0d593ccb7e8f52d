"""What caseworkers do with questions that people ask them: see, answer, end. Each checks the role and the place."""

import contextlib
import datetime
from collections.abc import Callable, Iterator, Sequence

from bot.desk.models import HANDOVER, Caseworker
from bot.desk.notices import load_people_words
from bot.desk.notify import tell_of_handover
from bot.desk.permissions import Operation, Refused, covers, require
from bot.pushing import push
from bot.store.handovers import Handover, Said
from bot.store.store import Store

LONGEST_ANSWER = 2000


class Handovers:
    """The operations, over a store. What is said to a person is told them in their own channel."""

    def __init__(self, store: Store, now: Callable[[], datetime.datetime]) -> None:
        self._store = store
        self._now = now
        self._say = load_people_words()

    def waiting(self, who: Caseworker) -> Sequence[Handover]:
        """The open conversations of the caseworker's place, oldest first."""
        require(who, "answer")
        return [one for one in self._store.handovers.open() if covers(who, one.region)]

    def show(self, who: Caseworker, id_: int) -> tuple[Handover, Sequence[Said]]:
        """A conversation with all that was said; recorded."""
        found = self._get(who, id_)
        self._record(who, "show", id_)
        return found, self._store.handovers.said(found)

    def news(self, who: Caseworker, id_: int, seen: int) -> Sequence[Said]:
        """What was said in a conversation after the first `seen` things; recorded where there is something."""
        said = self._store.handovers.said(self._get(who, id_))[seen:]
        if said:
            self._record(who, "show", id_)
        return said

    def answer(self, who: Caseworker, id_: int, words: str) -> None:
        """Answer the person, who is told that it comes from a human. The same words at once again are no answer."""
        words = words.strip()
        if not words or len(words) > LONGEST_ANSWER:
            raise Refused("answer", longest=str(LONGEST_ANSWER))
        with self._opened(who, id_) as found:
            last = self._store.handovers.said(found)[-1]
            if (last.actor, last.words) == (who.name, words):
                return
            self._store.handovers.say(found, who.name, words, self._now())
            self._record(who, "answer", id_)
            if not push(self._store, found.sender, self._say("answer", words=words), self._now()):
                raise Refused("unreachable", id=str(id_))

    def close(self, who: Caseworker, id_: int) -> None:
        """End it; the person and the others at the desk are told."""
        with self._opened(who, id_) as found:
            self._store.handovers.close(found, self._now())
            self._record(who, "answer", id_, "closed")
            tell_of_handover(self._store, found, self._now(), but=who.name)
            push(self._store, found.sender, self._say("closed"), self._now())

    @contextlib.contextmanager
    def _opened(self, who: Caseworker, id_: int) -> Iterator[Handover]:
        """A conversation that is open, and stays so, in a transaction or a part of one: it may be refused.

        The person's turns come to their end before anything is kept from them, so that no two wait in a circle.
        """
        found = self._get(who, id_)
        with self._store.part(), self._store.alone(found.sender):
            if not self._store.handovers.hold(found):
                raise Refused("handover_closed", id=str(id_))
            yield self._get(who, id_)

    def _get(self, who: Caseworker, id_: int) -> Handover:
        require(who, "answer")
        found = self._store.handovers.get(id_)
        if found is None or not covers(who, found.region):
            raise Refused("no_handover", id=str(id_))
        return found

    def _record(self, who: Caseworker, operation: Operation, id_: int, reason: str = "") -> None:
        self._store.access_log.append(self._now(), who.name, operation, f"{HANDOVER} {id_}", reason)
