"""`python -m regulars.cli`: how `regulars up` starts its own parts."""

from regulars.cli.entry import main

main()
