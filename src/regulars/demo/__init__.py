"""A real year of a grocery's purchases, run through the house: The Complete Journey."""
