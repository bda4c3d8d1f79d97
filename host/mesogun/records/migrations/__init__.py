"""How the record's tables came to be, one step a file; run by opening.py only when a database is not at schema.HEAD."""
