"""What the journal counts, for metrics."""


class Counters:
    """Plain attributes: cheap to raise, read by whoever shows them. They never go back."""

    def __init__(self) -> None:
        self.appended = 0
        """Entries taken from the engine."""
        self.acknowledged = 0
        """Entries acknowledged by Redis; one that is appended again counts again."""
        self.reappended = 0
        """Acknowledged entries that the store had lost and got again."""
        self.dropped = 0
        """Entries past the bound: the journal has a hole, a snapshot must follow."""
        self.lost = 0
        """Entries that the store lost and memory no longer holds."""
        self.refused = 0
        """Entries that Redis did not take before the end, kept in files."""
        self.connections = 0
        self.troubles = 0
        """Connections lost and writes refused."""
        self.degradations = 0
        """How often the journal turned degraded."""
