"""Changing the configuration of a running house: its files as texts, versions of them, and what a change means."""
