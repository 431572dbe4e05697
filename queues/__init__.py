"""Pure descriptions of services that people wait for: skills, channels, hours, targets, waiting lines.

Nothing here reads a clock, a socket or a file (import-linter enforces it).
"""
