"""Remember what was logged already, so that each thing is said once: a view that errs does so with every request."""

from __future__ import annotations

# What a visitor can make up, such as a path, fills no memory.
_MOST_SUBJECTS = 500


class Once:
    """The subjects that were told so far, of one app in one process, at most 500."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def is_new(self, subject: str) -> bool:
        """Tell whether a subject has not been told yet, and remember it; nothing is new once there are too many."""
        if subject in self._told or len(self._told) >= _MOST_SUBJECTS:
            return False
        self._told.add(subject)
        return True
