"""Where a ledger is kept: the tables, the one way to append, the ways to read.

It may import `codec`, `tree`, `events` and what is below them; it knows nothing of what events
mean. In reading order:

- `database`: what a ledger asks of a database, opened for reading or for writing; `sqlite` and
  `postgres` are the two kinds, each with the settings that keep it safe; `server` says what the
  errors of a PostgreSQL server mean
- `log`: append, and read in order; `ids` makes the ids of events
- `tables`: the shape of the log's tables, in `columns` of types that both kinds have
- `triggers` keeps them immutable; on PostgreSQL, `roles` says who may do what
- `schema`: creates and upgrades them (Alembic)
- `files`: backups and copies of whole ledgers
- `driver`: the few things that are said past SQLAlchemy, for speed
"""
