"""The store, played in memory: what one person has on record, turn by turn."""

import datetime
from collections.abc import Iterable

import msgspec

from conversations.messages import (
    Amended,
    Erased,
    Event,
    HandoverAsked,
    HandoverClosed,
    HandoverSaid,
    Registered,
    Withdrawn,
)
from conversations.registrations import Account, HumanSaid, OwnRegistration, Status

FIRST_RECEIPT = 100_000_001


class Records:
    """One sender's registrations; receipts are counted up and never used again."""

    def __init__(self) -> None:
        self._own: list[OwnRegistration] = []
        self.receipt = str(FIRST_RECEIPT)
        """The one that the next registration gets."""
        self.offices: tuple[str, ...] = ()
        self._handover = False
        self._human: list[HumanSaid] = []

    @property
    def account(self) -> Account:
        """What the talk is told, on a channel that can write to the person unasked."""
        own, human = tuple(reversed(self._own)), tuple(self._human)
        return Account(own, self.receipt, True, self.offices, self._handover, human)

    def apply(self, events: Iterable[Event], day: datetime.date) -> None:
        """Do what a turn's events say."""
        for event in events:
            if isinstance(event, Registered):
                assert event.receipt == self.receipt
                self.receipt = f"{int(self.receipt) + 1:09}"
                self._own.append(
                    OwnRegistration(event.receipt, "registered", day.isoformat(), day.isoformat(), event.said)
                )
            elif isinstance(event, Amended):
                self._change(event.receipt, said=event.said, changed=day.isoformat())
            elif isinstance(event, Withdrawn):
                self._change(event.receipt, status="withdrawn", changed=day.isoformat())
            elif isinstance(event, Erased):
                self._own.clear()
                self._handover = False
                self._human.clear()
            elif isinstance(event, HandoverAsked | HandoverSaid):
                assert self._handover == isinstance(event, HandoverSaid)
                self._handover = True
                self._human.append(HumanSaid(day.isoformat(), own=True, words=event.words))
            elif isinstance(event, HandoverClosed):
                self.close()

    def close(self) -> None:
        """End the conversation with the caseworkers, as one of them or the person does."""
        assert self._handover
        self._handover = False

    def step(self, status: Status, day: datetime.date) -> None:
        """What a caseworker does with the latest registration."""
        self._change(self._own[-1].receipt, status=status, changed=day.isoformat())

    def _change(self, receipt: str, **fields: object) -> None:
        (number,) = [number for number, own in enumerate(self._own) if own.receipt == receipt]
        self._own[number] = msgspec.structs.replace(self._own[number], **fields)
