"""Writes of passkeys. What a browser answers is verified by Yubico's fido2 (WebAuthn level 3, section 7).

A passkey here is discoverable and verifies its user (fingerprint, face, PIN): it is two factors by itself.
The challenge goes out with `begin_` and `ask_`, stays with the browser's session as `state`, and is
good once: the surface takes it out of the session before the answer is looked at.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from regulars.identity.errors import OperatorInvalid, PasskeyRefused, PasskeyUnknown, SecondFactorWrong
from regulars.identity.models import Operator, Passkey
from regulars.identity.notices import Change, tell_operator
from regulars.identity.operations.second_factor import add_missing_codes, drop_needless_codes, lock_operator
from regulars.identity.policies import passkey_handle
from regulars.identity.queries import operator_info
from regulars.identity.types import OperatorInfo, PasskeyInfo, Site
from regulars.kit.actor import SYSTEM, Actor
from regulars.kit.ids import OperatorId
from regulars.trail import facade as trail

if TYPE_CHECKING:
    from fido2.server import Fido2Server
    from fido2.webauthn import AuthenticatorData, PublicKeyCredentialDescriptor

# fido2 is imported in the functions that need it: with what it stands on it is heavy, and every command,
# worker and web process would load it for the few who sign in so.
LABEL_LENGTH_MAX = 120
PASSKEYS_MAX = 20
Portable = Mapping[str, Any]
"""What travels as JSON between us and the browser."""


def begin_passkey(*, operator_id: OperatorId, site: Site) -> tuple[Portable, Portable]:
    """What to ask a browser that shall make a passkey, and what to remember until it answers. Two queries."""
    from fido2.webauthn import (  # noqa: PLC0415
        PublicKeyCredentialUserEntity,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    operator = Operator.objects.get(id=operator_id)
    options, state = _server(site).register_begin(
        PublicKeyCredentialUserEntity(
            id=passkey_handle(operator_id), name=operator.email, display_name=operator.name or operator.email
        ),
        credentials=_descriptors(Passkey.objects.filter(operator=operator, rp_id=site.rp_id)),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options.public_key), dict(state)


def add_passkey(
    *,
    actor: Actor,
    operator_id: OperatorId,
    site: Site,
    state: Portable,
    answer: Portable,
    label: str,
    now: datetime,
) -> tuple[PasskeyInfo, tuple[str, ...]]:
    """Keep the passkey that a browser has made; answer recovery codes too where there were none.

    Locks the operator's row. Raises OperatorUnknown, OperatorInvalid (the label), PasskeyRefused.
    """
    label = " ".join(label.split()) or _("Passkey")
    if len(label) > LABEL_LENGTH_MAX:
        raise OperatorInvalid(f"A label has at most {LABEL_LENGTH_MAX} characters.", field="label")
    made = _verify_made(site, state, answer)
    assert made.credential_data is not None  # noqa: S101  (the verification refuses it)
    with transaction.atomic(durable=True):
        operator = lock_operator(operator_id)
        if Passkey.objects.filter(operator=operator).count() >= PASSKEYS_MAX:
            raise PasskeyRefused(_("There are as many passkeys as one can have. Remove one first."))
        row = Passkey(
            operator=operator,
            rp_id=site.rp_id,
            credential_id=made.credential_data.credential_id,
            public_key=bytes(made.credential_data),
            sign_count=made.counter,
            label=label,
            created_at=now,
        )
        try:
            # The unique constraint decides; the savepoint keeps the transaction alive for the refusal.
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise PasskeyRefused(_("This passkey is known already.")) from None
        _record(actor, operator_id, "operator.passkey_added", now, label)
        tell_operator(operator, Change.PASSKEY_ADDED, now)
        codes = add_missing_codes(actor=actor, operator=operator, now=now)
    return PasskeyInfo(row.pk, label, now, None), codes


def ask_for_passkey(*, site: Site, operator_id: OperatorId | None = None) -> tuple[Portable, Portable]:
    """What to ask a browser that shall prove who sits there: anybody, or one operator. One query at most."""
    from fido2.webauthn import UserVerificationRequirement  # noqa: PLC0415

    own = None
    if operator_id is not None:
        own = _descriptors(Passkey.objects.filter(operator_id=operator_id, rp_id=site.rp_id))
    options, state = _server(site).authenticate_begin(
        credentials=own,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options.public_key), dict(state)


def check_passkey(
    *,
    site: Site,
    state: Portable,
    answer: Portable,
    now: datetime,
    operator_id: OperatorId | None = None,
) -> OperatorInfo:
    """Whose passkey has answered. The update of one row refuses a counter that does not rise: a copy.

    Raises SecondFactorWrong (one sentence for every cause).
    """
    row, used = _verify_used(site, state, answer, operator_id)
    if row is not None and row.operator.is_active:
        # Devices that count nothing always say 0.
        rising = Q(sign_count=0) if used == 0 else Q(sign_count__lt=used)
        with transaction.atomic(durable=True):
            kept = Passkey.objects.filter(rising, id=row.pk, operator__is_active=True)
            if kept.update(sign_count=used, last_used_at=now):
                return operator_info(row.operator)
            _record(SYSTEM, OperatorId(row.operator_id), "operator.passkey_counter_refused", now, row.label)
    raise SecondFactorWrong(_("This passkey is not known here. Sign in with your password."))


@transaction.atomic(durable=True)
def remove_passkey(*, actor: Actor, operator_id: OperatorId, number: int, now: datetime) -> None:
    """Do without a passkey. Recovery codes go with the last factor.

    The surface has asked for the password. Locks the operator's row. Raises OperatorUnknown, PasskeyUnknown.
    """
    operator = lock_operator(operator_id)
    row = Passkey.objects.filter(id=number, operator=operator).first()
    if row is None:
        raise PasskeyUnknown(_("There is no such passkey."))
    row.delete()
    _record(actor, operator_id, "operator.passkey_removed", now, row.label)
    tell_operator(operator, Change.PASSKEY_REMOVED, now)
    drop_needless_codes(operator)


def _server(site: Site) -> "Fido2Server":
    from fido2.server import Fido2Server  # noqa: PLC0415
    from fido2.webauthn import PublicKeyCredentialRpEntity  # noqa: PLC0415

    return Fido2Server(
        PublicKeyCredentialRpEntity(id=site.rp_id, name=site.name),
        verify_origin=lambda origin: origin in site.origins,
    )


def _descriptors(rows: QuerySet[Passkey]) -> "list[PublicKeyCredentialDescriptor]":
    from fido2.webauthn import PublicKeyCredentialDescriptor, PublicKeyCredentialType  # noqa: PLC0415

    return [
        PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=bytes(row.credential_id))
        for row in rows
    ]


def _verify_made(site: Site, state: Portable, answer: Portable) -> "AuthenticatorData":
    try:
        made = _server(site).register_complete(state, answer)
        known = made.credential_data is not None
    except Exception as error:
        # A browser may send anything at all, and the library answers with whatever went wrong inside.
        raise PasskeyRefused(_("The browser’s answer makes no passkey here. Try again.")) from error
    if not known:
        raise PasskeyRefused(_("The browser’s answer makes no passkey here. Try again."))
    return made


def _verify_used(
    site: Site, state: Portable, answer: Portable, operator_id: OperatorId | None
) -> tuple[Passkey | None, int]:
    """The passkey that has signed the challenge, and its counter; None where anything is amiss."""
    from fido2.webauthn import AttestedCredentialData, AuthenticationResponse  # noqa: PLC0415

    rows = Passkey.objects.select_related("operator").filter(rp_id=site.rp_id)
    if operator_id is not None:
        rows = rows.filter(operator_id=operator_id)
    try:
        response = AuthenticationResponse.from_dict(answer)
        row = rows.filter(credential_id=response.raw_id).first()
        if row is None:
            return None, 0
        known = AttestedCredentialData(bytes(row.public_key))
        _server(site).authenticate_complete(state, [known], response)
        return row, response.response.authenticator_data.counter
    except DatabaseError:
        raise
    except Exception:
        # As above. The audit trail tells of passwords and codes refused; here nobody is known to have tried.
        return None, 0


def _record(actor: Actor, operator_id: OperatorId, action: str, now: datetime, label: str) -> None:
    trail.record_audit(
        actor=actor, now=now, action=action, subject=f"operator:{operator_id}", details={"label": label}
    )
