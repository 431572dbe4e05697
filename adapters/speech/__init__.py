"""What callers hear: prompts spoken by espeak-ng or recorded by people, and music."""
