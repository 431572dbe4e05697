"""What can go wrong with the history."""


class HistoryError(Exception):
    """The database cannot be used; the text says why and what to do."""

    error_id = "history_away"
    retryable = True


class BadHistory(HistoryError):
    """What only a person can mend: an address, a password, a newer version's tables."""

    error_id = "bad_history"
    retryable = False


class WrittenByAnother(HistoryError):
    """Somebody else has written on; whoever sees this begins again from what stands there now."""

    error_id = "history_written_by_another"
