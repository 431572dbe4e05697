"""Composition: configuration, the spine, dispatch, reconcile, the supervisor, the simulator and the command line."""
