"""The entry point of the `ledger` command, and where its command line is found.

The command line has two homes: in the wheel it is the package `ledger.cli`, in the checkout the
folder `cli/` beside `ledger/`. In both it is loaded under the one name `ledger.cli`, so that
another project's top-level `cli` can never be taken for it.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType

NAME = "ledger.cli"


def main() -> None:
    """The `ledger` command: reads `sys.argv` and ends the process with its exit code."""
    find_cli()
    from ledger.cli.main import main as run

    run()


def find_cli() -> ModuleType:
    """The package `ledger.cli`, from whichever home it has; after this its modules import by name.

    Raises:
        ModuleNotFoundError: neither home holds it.
    """
    try:
        import ledger.cli  # noqa: F401 - for the entry it makes in sys.modules
    except ModuleNotFoundError as error:
        if error.name != NAME:
            raise
        return _load_from_checkout()
    return sys.modules[NAME]


def _load_from_checkout() -> ModuleType:
    """`cli/` beside this package, as `ledger.cli`."""
    from importlib.util import module_from_spec, spec_from_file_location

    import ledger

    folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli")
    start = os.path.join(folder, "__init__.py")
    spec = spec_from_file_location(NAME, start, submodule_search_locations=[folder])
    if spec is None or spec.loader is None or not os.path.isfile(start):
        message = f"the command line is neither in the package nor at {folder}"
        raise ModuleNotFoundError(message, name=NAME)
    package = sys.modules[NAME] = module_from_spec(spec)
    try:
        spec.loader.exec_module(package)
    except BaseException:
        del sys.modules[NAME]
        raise
    ledger.cli = package
    return package


if __name__ == "__main__":
    main()
