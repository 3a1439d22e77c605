"""What goes out: questions, the reports that answer them, and the writers of files.

Every report is a function of the log's first N events and a question. It may import
`projections` and what is below it. In reading order:

- `question`: what is asked, checked before it is asked
- `selection`: which tolls a question counts, and which part of each
- `sums`: counted parts added up
- `totals`, `running`, `listings`, `published`: the reports, each giving a `table.Table`
- `scopes`: what a published total is of, and the tally that asks it
- `likeness`, `nearby`, `duplicates`: incidents that may be one and the same
- `definition`: how a report is declared; every report by name is in `ledger.catalogue`
- `request`, `manifest`, `remade`: what was asked, kept beside a file, asked again and compared
- `narrative`, `shown`, `explained`: answers in words, down to the events
- `table`, `writers`, `safe`, `chart/`: columns and rows, and how they leave
"""
