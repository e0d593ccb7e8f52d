"""From a free sentence to command, intent and facts; the vocabulary is in the files beside this one."""

from conversations.understanding.models import Option, Understood
from conversations.understanding.reader import Understanding

__all__ = ["Option", "Understanding", "Understood"]
