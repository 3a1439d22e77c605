"""Passphrases of key files: from the environment, or asked for without an echo."""

from __future__ import annotations

import os
import warnings
from getpass import GetPassWarning
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ledger.audit.keys import Kind, SigningKey

_VARIABLE = "CASUALTY_LEDGER_PASSPHRASE"


def new_passphrase() -> str:
    """A passphrase for a new key, asked for twice."""
    return os.environ.get(_VARIABLE) or _asked("Passphrase", twice=True)


def signing_key(path: Path, kind: Kind) -> SigningKey:
    """The private key in a file, of a log or of a witness; asks only where it is encrypted."""
    from ledger.audit import keys

    passphrase = ""
    if keys.is_encrypted(path):
        passphrase = os.environ.get(_VARIABLE) or _asked(f"Passphrase of {path}")
    key = keys.read(path, passphrase)
    if key.verifier.kind != kind:
        wanted = "a log's" if kind == keys.LOG else "a witness's (`ledger key new --witness`)"
        raise click.UsageError(f"{path} is not {wanted} key")
    return key


def _asked(prompt: str, *, twice: bool = False) -> str:
    """What is typed unseen; raises click.UsageError where there is no terminal to type at."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            found = click.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True)
        except GetPassWarning as error:
            raise click.UsageError(
                f"{prompt}: there is no terminal to ask at: give it in {_VARIABLE}"
            ) from error
    return str(found)
