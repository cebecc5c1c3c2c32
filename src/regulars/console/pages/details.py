"""Details of the audit trail in words: their names, and what is written in codes."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.console.forms_rewards import KINDS, RewardForm
from regulars.console.forms_team import ROLE_NAMES
from regulars.console.pages.account import WAY_NAMES
from regulars.console.pages.recommend.wording import MARKS, SUBJECTS

DETAILS: Mapping[str, Promise] = {
    "accent": _("Second colour"),
    "active": _("active"),
    "added": _("added"),
    "after": _("after"),
    "amount": _("amount"),
    "archived": _("archived"),
    "attributes": _("attributes"),
    "base": _("based on version"),
    "before": _("before"),
    "birthday": _("birthday"),
    "by": _("replaced by"),
    "bytes": _("bytes"),
    "cards": _("cards"),
    "changes": _("changes"),
    "code": _("code"),
    "columns": _("columns"),
    "cost": _("cost"),
    "created": _("created"),
    "currency": _("currency"),
    "debt": _("owed"),
    "effective_from": _("in force from"),
    "effective_on": _("from"),
    "email": _("e-mail"),
    "ends_at": _("ends"),
    "expires_at": _("ends"),
    "external_id": _("Shop’s id"),
    "family_name": _("last name"),
    "fields": _("fields"),
    "filters": _("filters"),
    "fingerprint": _("fingerprint"),
    "given_name": _("first name"),
    "good_until": _("good until"),
    "height": _("height"),
    "invitation": _("invitation"),
    "kind": _("kind"),
    "label": _("name"),
    "language": _("language"),
    "left": _("left"),
    "locale": _("language"),
    "logo": _("Logo"),
    "main": _("Main colour"),
    "missing": _("missing"),
    "name": _("name"),
    "note": _("note"),
    "pending": _("pending"),
    "phone": _("phone"),
    "picture": _("picture"),
    "points": _("points"),
    "prefix": _("begins with"),
    "published": _("published"),
    "query": _("search"),
    "redemption": _("redemption"),
    "removed": _("removed"),
    "repeated": _("repeated"),
    "role": _("role"),
    "roles": _("roles"),
    "scopes": _("scopes"),
    "seq": _("entry"),
    "sessions": _("sessions"),
    "sha256": _("fingerprint"),
    "shared": _("shared"),
    "source": _("for"),
    "subject": _("about"),
    "table": _("table"),
    "time_zone": _("time zone"),
    "to": _("to"),
    "units": _("units"),
    "until": _("until"),
    "updated": _("updated"),
    "value": _("which"),
    "version": _("version"),
    "waived": _("waived"),
    "way": _("by way of"),
    "width": _("width"),
}
"""What is not here is called as the form of rewards calls it, or else as it is written."""
_ROLES = {role.value: name for role, name in ROLE_NAMES.items()}
VALUES: Mapping[str, Mapping[str, Promise]] = {
    "kind": {kind.value: name for kind, (name, _meaning) in MARKS.items()}
    | {kind.value: name for kind, name in KINDS.items()},
    "role": _ROLES,
    "roles": _ROLES,
    "subject": {subject.value: name for subject, name in SUBJECTS.items()},
    "way": {way.value: name for way, name in WAY_NAMES.items()},
}
"""What stands in codes, by the detail that it is the value of."""
_YES_NO = {True: _("yes"), False: _("no")}
_ATTRIBUTE = "attributes."


def name_detail(key: str) -> str:
    """What a detail is, in words. An attribute of members is called as the shop calls it."""
    if key in DETAILS:
        return str(DETAILS[key])
    field = RewardForm.base_fields.get(key)
    if field is not None and field.label:
        return str(field.label)
    return key.removeprefix(_ATTRIBUTE).replace("_", " ")


def tell_value(key: str, value: Any) -> Any:
    """A value in words where it is a code, a field's name, or yes or no; as it is where not."""
    if isinstance(value, bool):
        return str(_YES_NO[value])
    if isinstance(value, list):
        return [tell_value(key, one) for one in value]
    if not isinstance(value, str):
        return value
    if key == "fields":
        return name_detail(value)
    return str(VALUES.get(key, {}).get(value, value))
