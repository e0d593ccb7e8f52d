"""What a refusal is in HTTP (RFC 9110, 15.5)."""

from bot.desk.permissions import Refused

FORBIDDEN, NOT_FOUND, CONFLICT, UNPROCESSABLE = 403, 404, 409, 422
STATUS = {
    **dict.fromkeys(("role", "disabled", "other_place", "not_first"), FORBIDDEN),
    **dict.fromkeys(("not_found", "no_account", "no_token", "no_handover"), NOT_FOUND),
    **dict.fromkeys(
        (
            *("claimed", "yours", "not_yours", "step", "changed", "ended", "same_place", "name_taken"),
            *("handover_closed", "unreachable"),
        ),
        CONFLICT,
    ),
}


def status_of(refused: Refused) -> int:
    """The status of a refusal; what was written wrongly is unprocessable."""
    return STATUS.get(refused.code, UNPROCESSABLE)
