"""Why a worker does not start."""


class CannotStart(Exception):
    """The message is one line that says what to do."""
