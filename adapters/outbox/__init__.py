"""The outbox on its way out: what is due is tried until it was taken, by the adapter of its channel."""
