"""The command line. One module for each kind of command; every one loads what it needs only when it runs.

`searchapp --help` is asked for often and must answer at once, so nothing here imports the engine, Flask or numpy at
module level.
"""

from searchapp.cli.program import main

__all__ = ["main"]
