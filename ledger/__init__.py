"""The casualty ledger: what sources say of incidents, appended once and never changed.

Start at `app.py`: the `Ledger` there is all that the command line and a notebook need.
The rooms, from the outside in (imports run one way, checked by import-linter):

- `app` opens a ledger and appends, `present` answers; `cli/` beside this folder is the command line
- `issued` (an answer as a file), `outside` (a table of others held against it), `catalogue`
- `audit` (can I trust it) and `intake` (how it comes in)
- `reports` (what goes out), made from `projections` (what is now true)
- `store` (where it is kept), on `codec` (events to bytes) and `tree` (bytes to roots)
- `events` (the vocabulary of the log) and `problems` (what is wrong with data, as values)
- `counting` (claims to figures, lines to rows): the rules that this project exists for
- `sources`, `people`, `places`, `dates`, `counts`, `vocabulary`: values of the field
"""
