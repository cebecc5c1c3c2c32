"""The pages of segments: the list, the builder, one segment, why somebody is in it."""
