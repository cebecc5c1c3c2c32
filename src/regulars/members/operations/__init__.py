"""Writes of members. Locks, in order: buckets of identities (ascending), member rows (ascending)."""

from regulars.members.operations.consenting import save_consents
from regulars.members.operations.erasing import erase_member
from regulars.members.operations.figures import Figure, renew_figures
from regulars.members.operations.inviting import invite_member
from regulars.members.operations.merging import note_merge, note_unmerge
from regulars.members.operations.noting import delete_note, write_note
from regulars.members.operations.profiles import change_email, change_phone, change_profile
from regulars.members.operations.registering import register_member, set_registration
from regulars.members.operations.requesting import (
    COPY_TASK,
    carry_out_requests,
    purge_copies,
    request_privacy,
    withdraw_request,
    write_copy,
)
from regulars.members.operations.saving import save_members

__all__ = [
    "COPY_TASK",
    "Figure",
    "carry_out_requests",
    "change_email",
    "change_phone",
    "change_profile",
    "delete_note",
    "erase_member",
    "invite_member",
    "note_merge",
    "note_unmerge",
    "purge_copies",
    "register_member",
    "renew_figures",
    "request_privacy",
    "save_consents",
    "save_members",
    "set_registration",
    "withdraw_request",
    "write_copy",
    "write_note",
]
