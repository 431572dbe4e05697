"""Everything that touches the outside: one folder for each way in, out or to disk."""
