"""Measuring Vaxel: `python -m bench [ROW ...]`."""
