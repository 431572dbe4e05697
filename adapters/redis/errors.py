"""What can be wrong with the store."""


class StoreError(Exception):
    """Base. `error_id` is stable, for programs; `retryable` when the same may succeed a little later."""

    error_id = "store_error"
    retryable = False


class StoreAway(StoreError):
    """Redis does not answer, or answers that it cannot work now (loading, full, read-only)."""

    error_id = "store_away"
    retryable = True


class StoreUnfit(StoreError):
    """Redis is there but must not be used as it is; the text says what to change."""

    error_id = "store_unfit"


class BadAddress(StoreError):
    """The configured URL is not one this version can use."""

    error_id = "store_address"


class LeadTaken(StoreError):
    """Another engine leads; its lease ends by itself when it is gone."""

    error_id = "lead_taken"
    retryable = True


class Deposed(StoreError):
    """A leader with a higher epoch has taken over."""

    error_id = "deposed"
