"""The steps are taken in the order of their numbers."""
