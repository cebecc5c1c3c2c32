"""What the store and the console share: components, tokens, formatting."""
