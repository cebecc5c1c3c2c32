"""The widget on a shop's own pages: which sites may show it, and whose word about a member is believed."""
