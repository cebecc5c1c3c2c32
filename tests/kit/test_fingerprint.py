"""Equal inputs have one fingerprint, whatever their order of keys."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from regulars.kit.fingerprint import fingerprint
from regulars.kit.points import Rounding


def test_the_order_of_keys_does_not_matter_and_content_does() -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    one = fingerprint({"a": 1, "b": [when, Decimal("1.50"), Rounding.CEIL]})
    assert one == fingerprint({"b": [when, Decimal("1.50"), Rounding.CEIL], "a": 1})
    assert one != fingerprint({"b": [when, Decimal("1.51"), Rounding.CEIL], "a": 1})
    assert len(one) == 32


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot fingerprint"):
        fingerprint({"a": object()})
