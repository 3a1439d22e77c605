"""The command line: one module a command, thin; what it does is in `ledger.app`.

At module level these import only the standard library, click and each other, so that help and
completion are quick; `ledger` is imported when a command runs. Start at `main`; `options` holds
what commands share, `output` how answers leave. The folder is loaded as `ledger.cli`.
"""
