"""Two who save one draft at the same instant: one is kept, the other is told; and the test can fail."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from regulars.kit.actor import Actor, ActorKind
from regulars.rules import drafting, models
from regulars.rules import facade as rules
from tests.rules.documents import MINIMAL

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADA = Actor(ActorKind.OPERATOR, "7")


def save_at_once(texts: list[str]) -> list[str]:
    """Save each text from revision 1, all at the same time; tell what became of each."""
    ready = threading.Barrier(len(texts))
    told: list[str] = []

    def save(text: str) -> None:
        try:
            ready.wait(timeout=10)
            rules.save_draft(actor=ADA, now=NOW, text=text, revision=1)
            told.append("kept")
        except rules.DraftMoved:
            told.append("moved")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return sorted(told)


# A database that is emptied after each: about a second.
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_is_kept_and_the_other_told() -> None:
    rules.begin_draft(actor=ADA, now=NOW)
    assert save_at_once([f"{MINIMAL}# {who}\n" for who in ("Ada", "Bo")]) == ["kept", "moved"]
    draft = rules.find_draft()
    assert draft
    assert draft.revision == 2


# The control of the one above: the same without the lock.
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_one_would_be_run_over(monkeypatch: pytest.MonkeyPatch) -> None:
    rules.begin_draft(actor=ADA, now=NOW)
    both_read = threading.Barrier(2)

    def read_only() -> models.ProgrammeDraft | None:
        row = models.ProgrammeDraft.objects.filter(id=1).first()
        both_read.wait(timeout=10)
        return row

    monkeypatch.setattr(drafting, "_find_locked", read_only)
    assert save_at_once([f"{MINIMAL}# {who}\n" for who in ("Ada", "Bo")]) == ["kept", "kept"]
