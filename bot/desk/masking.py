"""What of a person is shown before a reason is given: enough to tell two apart, not enough to reach them."""

import msgspec

from bot.desk.models import Lead

SHOWN_HEAD, SHOWN_TAIL = 3, 4
HIDDEN = "*"


def masked(lead: Lead) -> Lead:
    """The lead with its name, phone and own words masked."""
    said = lead.said
    return msgspec.structs.replace(
        lead,
        said=msgspec.structs.replace(
            said,
            call_name=masked_name(said.call_name),
            phone=masked_phone(said.phone),
            needs_words=HIDDEN if said.needs_words else "",
            contacts_words=HIDDEN if said.contacts_words else "",
        ),
    )


def masked_name(name: str) -> str:
    """王小明 → 王**."""
    return name[:1] + HIDDEN * max(1, len(name) - 1)


def masked_phone(phone: str) -> str:
    """13812345678 → 138****5678."""
    hidden = max(0, len(phone) - SHOWN_HEAD - SHOWN_TAIL)
    return phone[:SHOWN_HEAD] + HIDDEN * hidden + phone[SHOWN_HEAD + hidden :]
