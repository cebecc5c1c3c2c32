"""How likely each member is to buy nothing for the next weeks, and what makes it so."""
