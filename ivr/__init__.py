"""The menu interpreter: a flow is a typed graph, a session steps through it. Pure."""
