"""Telephone calls: the worker process (pjsua2), the protocol to it, and the engine's side of it."""
