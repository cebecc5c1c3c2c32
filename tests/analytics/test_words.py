"""Every measure has a page and words; so has every reason, segment and finding."""

from pathlib import Path

import pytest

from regulars.analytics import facade as analytics
from regulars.analytics.facade import FindingCode, Measure, Segment, Unknown
from regulars.analytics.making.check_up import EXAMINATIONS

PAGES = Path(__file__).parents[2] / "docs/measures"


@pytest.mark.parametrize("measure", Measure)
def test_every_measure_has_a_page_and_a_definition(measure: Measure) -> None:
    page = (PAGES / f"{measure.value}.md").read_text()
    assert f"(`{measure.value}`)" in page.splitlines()[0]
    assert "demonstration" in page, "its figure for the demonstration"
    assert f"{measure.value}.md" in (PAGES / "README.md").read_text()
    words = analytics.describe_measure(measure)
    assert words.name and words.definition.endswith(".")


def test_every_reason_and_segment_has_words_and_every_finding_is_looked_for() -> None:
    assert all(analytics.describe_unknown(reason) for reason in Unknown)
    assert all(analytics.describe_segment(segment).definition for segment in Segment)
    assert set(EXAMINATIONS) == set(FindingCode)
    page = (PAGES / "README.md").read_text()
    assert all(f"`{code.value}`" in page for code in FindingCode)
