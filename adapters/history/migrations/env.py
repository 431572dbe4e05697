"""How Alembic reaches the database: by the connection that `adapters.history.store` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
