"""Can I trust it: the log checked against itself, and the tables against the log.

It may import `reports`, `projections`, `store` and what is below them. In reading order:

- `verify`: bytes, columns, tree, root, and the projections folded anew and compared
- `replay`: the log folded in memory, without the tables, into totals
- `scratch`: what the ledger said when it was shorter
- `check`: what a steward should look at: totals that differ, imports that were not finished
- `flags`, `extents`: data that was kept as it was said, and is odd
"""
