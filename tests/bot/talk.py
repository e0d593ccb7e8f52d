"""Somebody who registers: what they answer to each question. And a talk that asks it without the knowledge."""

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from bot.store.outbox import Letter
from conversations.messages import (
    Ask,
    ConsentGiven,
    Erased,
    Event,
    ForgetMessage,
    Incoming,
    Registered,
    Reply,
    Turn,
    Withdrawn,
)
from conversations.registrations import Account, Registration
from conversations.session import Session, load_session

REGISTER, BACK, WITHDRAW, ERASE = "登记", "返回", "撤回", "删除我的信息"
QUESTIONS = ("consent", "call_name", "phone", "needs", "review")
ID_NUMBER = re.compile(r"\d{17}[\dX]")


def answers(name: str = "小王", phone: str = "13812345678", words: str = "想找份活") -> Mapping[str, str]:
    """What somebody answers, by the fact that is asked for."""
    return {
        **{"consent": "同意", "applicant": "替自己登记", "age": "45岁", "call_name": name, "phone": phone},
        **{"region": "天水市秦州区", "disability": "视力残疾", "levels": "一级", "area": "城里", "needs": words},
        **{"contact_when": "发短信", "review": "发送", "relation": "父母", "agreed": "同意"},
    }


def scripted(before: Session | bytes, incoming: Incoming, at: object, materials: object, account: Account) -> Turn:
    """As `advance`: asks the few questions in order, goes back, sends, withdraws, erases."""
    session = load_session(before) if isinstance(before, bytes) else before
    text, asked, facts = incoming.text, session.asked, dict(session.facts)
    events: tuple[Event, ...] = ()
    receipt = None
    if ID_NUMBER.search(text):
        return Turn(session, (_reply("不要发身份证号。", asked),), (ForgetMessage(),))
    if text == ERASE:
        return Turn(Session(), (_reply("都删除了。", None),), (Erased(),))
    if text == WITHDRAW:
        left = [own.receipt for own in account.registrations if own.status == "registered"]
        return Turn(session, (_reply(f"撤回：{left[:1]}", asked),), tuple(map(Withdrawn, left[:1])))
    if text == REGISTER:
        asked = "consent"
    elif text == BACK and asked:
        asked = QUESTIONS[max(QUESTIONS.index(asked) - 1, 0)]
    elif asked == "consent":
        events = (ConsentGiven("handover", "1", text == "同意"),)
        asked = "call_name" if text == "同意" else None
    elif asked == "review":
        if text == "发送":
            receipt, asked = account.receipt, None
            said = Registration(
                call_name=str(facts["call_name"]),
                phone=str(facts["phone"]),
                region="620502",
                needs_words=str(facts["needs"]),
            )
            events = (Registered(receipt, said),)
    elif asked:
        facts[asked] = text
        asked = QUESTIONS[QUESTIONS.index(asked) + 1]
    after = msgspec.structs.replace(session, facts=facts, asked=asked)
    return Turn(after, (_reply(f"{text}：{dict(facts)} {receipt}", asked, receipt),), events)


def _reply(text: str, asked: str | None, receipt: str | None = None) -> Reply:
    return Reply(text=text, ask=Ask(asked) if asked else None, receipt=receipt)


def letters(turn: Turn) -> list[Letter]:
    """A turn's replies as a channel would send them."""
    return [Letter("somebody", msgspec.Raw(json.dumps({"text": reply.text}).encode())) for reply in turn.replies]


def asked(lines: list[dict[str, Any]]) -> str | None:
    """The fact that the replies ask for."""
    ask = lines[-1]["ask"]
    return ask["fact"] if ask else None
