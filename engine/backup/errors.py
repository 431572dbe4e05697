"""What can be wrong with a backup."""


class BackupError(Exception):
    """A backup cannot be made or brought back; the text says why, and what to do."""

    error_id = "backup"
    retryable = False


class Damaged(BackupError):
    """The file is not a whole backup, or of a format that this version does not read."""

    error_id = "backup_damaged"


class InTheWay(BackupError):
    """There is something already where the backup should go."""

    error_id = "backup_in_the_way"
