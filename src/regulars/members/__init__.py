"""Who takes part: profiles, identities, attributes, the one timeline."""
