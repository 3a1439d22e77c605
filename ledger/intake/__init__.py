"""How it comes in: files of drafts, and what a set of drafts would change.

It may import `reports`, `projections`, `store` and what is below them. In reading order:

Drafts, each event as a steward writes it:

- `files`: TOML and JSONL files to tables, each with the place where it stands
- `drafts`: a table to the draft of an event, with all that is wrong with it
- `plan`: a set of drafts against what stands: new, unchanged, or in the way
- `drafted`: a set into the ledger
- `scoped`: published totals of a question to the tally that asks it
- `corrections`: one claim taken back and recorded again

Datasets, whose rows become events by a mapping (`README.md`):

- `readers`: files of rows to cells
- `mapping`, `mappings`: what a mapping is, those that come with the program, how one is checked
- `templates`, `parts`, `mapper`: the cells of a row to drafts of events
- `recorded`, `changes`, `gone`: a row against what its mapping recorded before
- `duplicates`: new rows that may be incidents of other origin
- `rowfiles`, `dataset`: files made ready, and the version of the dataset that they are
- `imports`, `seen`, `rejects`, `importing`: rows into the ledger, step by step
- `drafting`, `spreadsheets`: a mapping drafted from a header, a header made from a mapping
"""
