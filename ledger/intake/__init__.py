"""How it comes in: files of drafts, and what a set of drafts would change.

It may import `projections`, `store` and what is below them. In reading order:

- `files`: TOML and JSONL files to tables, each with the place where it stands
- `drafts`: a table to the draft of an event, with all that is wrong with it
- `plan`: a set of drafts against what stands: new, unchanged, or in the way
- `corrections`: one claim taken back and recorded again
"""
