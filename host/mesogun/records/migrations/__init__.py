"""The record's tables are made step by step, a file each; opening.py runs them only when a database is not at schema.HEAD."""
