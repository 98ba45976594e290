"""The state of a patch, as masks travel: what the selector chose, and what a hand changed of it."""

NOT_CHOSEN, CHOSEN, ADDED, REMOVED = range(4)  # the same numbers stand in viewer/masks.js
REFINED = (CHOSEN, ADDED)
