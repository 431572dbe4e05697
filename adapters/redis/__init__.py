"""The live store: journal, lead, snapshots and vault in Redis."""
