import click


@click.command()
def explode() -> None:
    """A command with a mistake in it."""
    raise LookupError("the drawer is empty\nand so is the other")
