"""`python -m searchapp`: the same as the `searchapp` command."""

from searchapp.cli import main

main()
