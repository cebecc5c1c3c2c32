"""Whether whoever likes may join in the store."""

from regulars.members.models import RegistrationRow


def find_registration() -> bool | None:
    """What was said last; None where nothing was ever said. One query."""
    return RegistrationRow.objects.order_by("-id").values_list("is_open", flat=True).first()


def is_registration_open() -> bool:
    """Whether members may register themselves: not until somebody of the shop says so. One query."""
    return find_registration() or False
