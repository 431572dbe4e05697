"""The decision core: contacts, agents, offers and callbacks, and the rules that bring them together. Pure."""
