"""Can I trust it: the history proved, the log checked against itself, the tables against the log.

It may import `reports`, `projections`, `store` and what is below them. `README.md` says who
could do what, what finds it, and where to start reading.
"""
