"""Which status may follow which: the policies' 四个一 in order, and how a registration ends."""

from collections.abc import Mapping

from conversations.registrations import Status

NEXT: Mapping[Status, tuple[Status, ...]] = {
    "registered": ("verified", "closed"),
    "verified": ("assessed", "closed"),
    "assessed": ("served", "closed"),
    "served": ("employed", "assessed", "closed"),
    "employed": ("served", "closed"),
    "closed": ("registered",),
    "withdrawn": (),
}
"""After 就业服务 a new assessment may be wanted, and a job may be lost again; what is closed may be opened again."""
