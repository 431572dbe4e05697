"""`vaxel doctor`: what is wrong with a house, running or not, and what to do about it.

`look` observes and judges nothing (`seen`); checks (`machine`, `files`, `serving`) are pure and judge what was seen.
"""
