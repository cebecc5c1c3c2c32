"""Writes of members. Locks, in order: buckets of identities (ascending), member rows (ascending)."""

from regulars.members.operations.erasing import erase_member
from regulars.members.operations.merging import note_merge, note_unmerge
from regulars.members.operations.saving import save_members

__all__ = ["erase_member", "note_merge", "note_unmerge", "save_members"]
