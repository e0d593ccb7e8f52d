"""How the person is spoken of whom a talk, or a household's facts, are about."""

from conversations.wording import Wording
from knowledge.facts.models import Facts

APPLICANT = "applicant"
"""The fact of who speaks, and for whom."""
EMPLOYERS = ("employer", "org")


def whom(facts: Facts, say: Wording) -> str:
    """您, 您帮助的人 or 您的单位, by who asks."""
    applicant = facts.get(APPLICANT)
    key = "employer" if applicant in EMPLOYERS else "helped" if applicant == "family" else "self"
    return say(f"talk.who_{key}")
