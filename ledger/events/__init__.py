"""The vocabulary of the log: one frozen struct per type of event.

Nothing here reads or writes. In reading order:

- `envelope`: what every event carries, whatever it says
- `payloads`: what each type says (`data`), by type in `TYPES`
- `checks`, `faults`: what is wrong with an event by itself, before it is compared with a ledger
- `ordinary`: the incidents, nearly all of a dataset, with which nothing is
"""

from ledger.events.envelope import Draft, Event, Unknown, stream_of
from ledger.events.payloads import SCHEMAS, TYPES, Payload, type_of

__all__ = ["SCHEMAS", "TYPES", "Draft", "Event", "Payload", "Unknown", "stream_of", "type_of"]
