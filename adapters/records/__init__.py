"""The city's records system: every matter goes there as a package once it is closed."""
