"""Tables of the console: what the address says of one, and what the page and the file make of it."""
