"""This runs the steps on the connection that opening.py hands over, inside its transaction: all of them, or none."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
