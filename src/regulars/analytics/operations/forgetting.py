"""What goes when a person is erased."""

from regulars.analytics.models import BehindMember, MemberMeasure, SegmentChange


def forget_member(member_id: int) -> None:
    """Drop what was measured and learnt of a member: value, risk and reasons, lifestyles, the way through
    the named segments. Runs in the caller's transaction, that of the erasure.
    """
    MemberMeasure.objects.filter(pk=member_id).delete()
    BehindMember.objects.filter(member_id=member_id).delete()
    SegmentChange.objects.filter(member_id=member_id).delete()
