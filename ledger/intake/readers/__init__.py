"""Files of rows to records of text: what a file says, cell by cell, and nothing else.

It knows neither mappings nor events. It may import `problems` and what is below. In reading order:

- `shape`: how a file is to be read, a record, a row that cannot be used, the limits
- `table`: an opened file, looked at once from end to end
- `opening`: bytes: archives, standard input
- `text`: strict decoding, physical lines
- `characters`, `columns`: what a cell may hold; what a header must be
- `delimited`, `tags`: CSV and TSV; HXL
- `objects`, `cursor`, `flat`: JSON, JSONL and GeoJSON
- `sheets`: XLSX
"""

from ledger.intake.readers.shape import FORMATS, Format, Misfit, Record, Shape
from ledger.intake.readers.table import Tabular, open_table

__all__ = ["FORMATS", "Format", "Misfit", "Record", "Shape", "Tabular", "open_table"]
