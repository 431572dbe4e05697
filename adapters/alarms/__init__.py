"""Telling people and programs of alarms."""
