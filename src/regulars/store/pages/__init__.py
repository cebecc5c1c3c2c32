"""What each page shows: small reads of the rooms below, gathered into frozen values for the templates."""
