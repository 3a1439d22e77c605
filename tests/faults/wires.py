"""A wire between a client and a PostgreSQL server that is cut where a test says.

It reads as much of the protocol as it needs: where a message of the client ends, and which one is
a COMMIT (PostgreSQL, "Frontend/Backend Protocol", "Message Formats").
"""

from __future__ import annotations

import select
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TypeAlias

Way: TypeAlias = Literal["whole", "before", "during", "after"]
"""How a COMMIT goes by: untouched, or the wire is cut before the server gets it, when the server
has it, or when the server has answered."""
WAYS: tuple[Way, ...] = ("before", "during", "after")

SOCKET = ".s.PGSQL.5432"
_BLOCK = 1 << 16
_READY = b"Z\0\0\0\5I"


class CutError(Exception):
    """The wire is cut here."""


class Wire:
    """Listens in a folder and passes on to the server whose socket is in another.

    `ways` says of the next commits how each goes by. `left` is the number of messages of clients
    that still go by until it is cut once; None if it is not. Where it is `closed`, nobody gets
    through any more once it was cut.
    """

    def __init__(self, folder: Path, server: Path) -> None:
        self.ways: deque[Way] = deque()
        self.left: int | None = None
        self.cuts = 0
        self.closed = False
        self.folder = folder
        self._server = server

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take clients, each in a thread of its own."""
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self.folder / SOCKET))
            listening.listen()
            taking = threading.Thread(target=self._take, args=(listening,), daemon=True)
            taking.start()
            yield
            listening.shutdown(socket.SHUT_RDWR)
            taking.join()

    def _take(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError, CutError):
            if self.closed and self.cuts:
                raise CutError
            server.connect(str(self._server / SOCKET))
            header = 0  # the first message of a client has no type before its length
            asked = bytearray()
            while True:
                ready, _, _ = select.select([client, server], [], [])
                if server in ready:
                    client.sendall(_some(server))
                if client in ready:
                    asked += _some(client)
                while message := _message(asked, header):
                    del asked[: len(message)]
                    header = 1
                    self._pass_on(message, server)

    def _pass_on(self, message: bytes, server: socket.socket) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                self._cut()
        way = self.ways.popleft() if self.ways and _is_commit(message) else "whole"
        if way != "before":
            server.sendall(message)
        if way == "after":
            heard = b""
            while not heard.endswith(_READY):
                heard += _some(server)
        if way != "whole":
            self._cut()

    def _cut(self) -> None:
        self.cuts += 1
        raise CutError


def _message(asked: bytearray, header: int) -> bytes:
    """The first whole message of what a client asked; nothing if it is not whole yet."""
    if len(asked) < header + 4:
        return b""
    end = header + int.from_bytes(asked[header : header + 4], "big")
    return bytes(asked[:end]) if len(asked) >= end else b""


def _is_commit(message: bytes) -> bool:
    """Whether it is a simple query, or the parsing of one, that says COMMIT."""
    return message[:1] in (b"Q", b"P") and message[5:].strip(b"\0").split(b"\0")[0] == b"COMMIT"


def _some(end: socket.socket) -> bytes:
    if data := end.recv(_BLOCK):
        return data
    raise CutError
