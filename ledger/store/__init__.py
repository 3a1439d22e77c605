"""Where a ledger is kept: the tables, the one way to append, the ways to read.

It may import `codec`, `tree`, `events` and what is below them; it knows nothing of what events
mean. In reading order:

- `database`: opens a database, for reading and for writing, with the settings that keep it safe
- `log`: append, and read in order; `ids` makes the ids of events
- `tables`: the shape of the log's tables; `triggers` keeps them immutable
- `schema`: creates and upgrades them (Alembic)
"""
