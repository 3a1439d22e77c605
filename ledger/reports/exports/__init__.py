"""Exports of what stands, in the formats of others. Text leaves as it was recorded.

It may import what `ledger.reports` may. In reading order:

- `asked`: the incidents that a question asks for, each with its tolls
- `claims`: every claim, fast
- `cited`: what the projections do not keep of citations, from the log
- `contents`, `datapackage`: a folder of CSV files with their schemas and keys
- `ged`: the columns of UCDP GED
- `hxl`: incidents, or any report, below a row of HXL tags
- `geojson`: incidents as features
- `separated`: CSV, written some hundreds of rows at a time
"""
