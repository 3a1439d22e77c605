"""What tests of publication share: filled ledgers, their files, a web server for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ledger.app import Ledger
from ledger.audit.auditor import verify_elsewhere
from ledger.audit.checkpoints import Signed
from ledger.audit.keys import SigningKey
from ledger.audit.trust import Trust
from tests.audit.signing import LOG_KEY, OTHER_KEY
from tests.invented import GAZETTE, note, source

LOG = Trust((LOG_KEY.verifier,))
ANOTHER = Trust((OTHER_KEY.verifier,))


def fill(ledger: Ledger, size: int) -> Ledger:
    """Append invented notes until a ledger has so many events."""
    first = len(list(ledger.export()))
    drafts = [source() if at == 0 else note(f"source/{GAZETTE}", f"{at}") for at in range(size)]
    if new := drafts[first:]:
        ledger.append(new)
    return ledger


def signed(ledger: Ledger, size: int, key: SigningKey = LOG_KEY) -> Signed:
    """A checkpoint of a ledger that is filled up to a size first."""
    return fill(ledger, size).auditor.checkpoint(key)


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def elsewhere(where: str | Path, trust: Trust = LOG) -> list[str]:
    """What `verify` finds in an export or a published log, as `WHERE: CODE`."""
    found = verify_elsewhere(str(where), trust=trust).findings
    return [f"{one.where}: {one.code}" for one in found]


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path, handler: type[SimpleHTTPRequestHandler] = _Quiet) -> Iterator[str]:
    """The URL of a folder that a web server on this machine serves for a while."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
