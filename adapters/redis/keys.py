"""The names used in Redis."""

from typing import Final

OURS: Final = b"vaxel:"
"""How every key of ours begins."""
JOURNAL: Final = "vaxel:journal"
FIELD: Final = "e"
"""The one field of a journal entry."""
LEAD: Final = "vaxel:lead"
EPOCH: Final = "vaxel:epoch"
SNAPSHOT: Final = "vaxel:snapshot"
OLDER_SNAPSHOT: Final = "vaxel:snapshot:older"
VAULT: Final = "vaxel:vault:"
WRITTEN: Final = "vaxel:written:"
"""Of each class of personal values, when something was last written of whom."""
PEPPER: Final = "vaxel:pepper"
ONCE: Final = "vaxel:once:"
