"""The access log: who looked at which personal values, and what was deleted, in files that only grow."""
