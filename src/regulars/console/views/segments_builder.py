"""The builder of segments: conditions in rows, counted before they are saved."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.desk import Desk, at_desk, show
from regulars.console.pages.segments.rows import (
    OPS,
    ROWS_MAX,
    Row,
    find_row_number,
    list_columns,
    list_subjects,
    make_tree,
    read_rows,
    split_tree,
)
from regulars.console.pages.segments.shown import name_segment
from regulars.identity.facade import Permission
from regulars.kit.errors import Refusal
from regulars.members import facade as members
from regulars.members.facade import MemberProfile
from regulars.segments import facade as segments
from regulars.segments.facade import SegmentInput, SegmentView, TreeInvalid, Vocabulary

MESSAGE_MAX = 500


@dataclass(slots=True)
class Draft:
    """What stands in the form. `raw` is the tree as JSON, where it is edited so."""

    name: str
    description: str
    joint: str
    rows: list[Row]
    uid: str
    raw: str | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the form says as it stands: a sentence, how many, some of them; or what is wrong."""

    sentence: str = ""
    count: int | None = None
    sample: tuple[MemberProfile, ...] = ()
    error: str = ""


@require_http_methods(["GET", "POST"])
@at_desk(Permission.SEGMENTS_MANAGE)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new segment; `from` takes another one's conditions to begin with."""
    vocabulary = segments.load_vocabulary(desk.now)
    if request.method == "POST":
        return _handle(request, desk, vocabulary, None)
    draft = Draft("", "", "all", [Row(days="30")], str(uuid4()))
    if request.GET.get("from"):
        model = segments.get_segment(request.GET["from"])
        draft = _draft_of(model, desk, vocabulary)
        draft.name, draft.uid = _("%(name)s (copy)") % {"name": name_segment(model)}, str(uuid4())
    return _show_form(request, desk, vocabulary, draft, None)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.SEGMENTS_MANAGE)
def edit(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Change a segment. Built-in ones are copied instead."""
    found = segments.get_segment(code)
    if found.built_in:
        return redirect("console:segment", code=code)
    vocabulary = segments.load_vocabulary(desk.now)
    if request.method == "POST":
        return _handle(request, desk, vocabulary, found)
    return _show_form(request, desk, vocabulary, _draft_of(found, desk, vocabulary), found)


@require_POST
@at_desk(Permission.SEGMENTS_MANAGE)
def count(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the form says and how many that are, while it is filled in."""
    vocabulary = segments.load_vocabulary(desk.now)
    draft = _read_draft(request.POST)
    meaning, _tree = _find_meaning(draft, desk, vocabulary, request.POST.get("code", ""))
    return show(request, desk, "console/segments/meaning.html", meaning=meaning)


def _handle(
    request: HttpRequest, desk: Desk, vocabulary: Vocabulary, found: SegmentView | None
) -> HttpResponse:
    draft = _read_draft(request.POST)
    deed, _dash, number = request.POST.get("act", "count").partition("-")
    if deed == "add" and len(draft.rows) < ROWS_MAX:
        draft.rows.append(Row())
    elif deed == "remove" and number.isdecimal() and int(number) < len(draft.rows):
        del draft.rows[int(number)]
    elif deed == "json":
        draft.raw = json.dumps(_tree_or_empty(draft, desk, vocabulary), indent=1, ensure_ascii=False)
    elif deed == "save":
        return _save(request, desk, vocabulary, draft, found)
    return _show_form(request, desk, vocabulary, draft, found)


def _save(
    request: HttpRequest, desk: Desk, vocabulary: Vocabulary, draft: Draft, found: SegmentView | None
) -> HttpResponse:
    try:
        tree = _read_tree(draft, desk, vocabulary)
        if found is None:
            told = SegmentInput(draft.name, tree, draft.description, uid=UUID(draft.uid))
            saved = segments.create_segment(actor=desk.actor, now=desk.now, told=told)
        else:
            saved = segments.update_segment(
                actor=desk.actor,
                now=desk.now,
                code=found.code,
                name=draft.name,
                description=draft.description,
                tree=tree,
                expected_version=int(draft.version) if draft.version.isdecimal() else None,
            )
    except Refusal as refusal:
        return _show_form(request, desk, vocabulary, draft, found, refusal=refusal)
    messages.success(request, _("Saved. Its members are found within a minute."))
    return redirect("console:segment", code=saved.code)


def _show_form(
    request: HttpRequest,
    desk: Desk,
    vocabulary: Vocabulary,
    draft: Draft,
    found: SegmentView | None,
    *,
    refusal: Refusal | None = None,
) -> HttpResponse:
    meaning, _tree = _find_meaning(draft, desk, vocabulary, found.code if found else "")
    others = [
        (one.code, name_segment(one))
        for one in segments.list_segments()
        if found is None or one.code != found.code
    ]
    return show(
        request,
        desk,
        "console/segments/form.html",
        status=422 if refusal else 200,
        draft=draft,
        found=found,
        refusal=refusal,
        meaning=meaning,
        subjects=list_subjects(vocabulary, others),
        columns=list_columns(vocabulary),
        ops=OPS,
        shop_values=[(one.name, one.label) for one in vocabulary.shop_values.values()],
        active="segments",
    )


def _find_meaning(
    draft: Draft, desk: Desk, vocabulary: Vocabulary, code: str
) -> tuple[Meaning, Mapping[str, Any] | None]:
    """By the same statement that fills the segment once it is saved."""
    try:
        tree = _read_tree(draft, desk, vocabulary)
        sentence = segments.describe_tree(tree=tree, now=desk.now)
    except Refusal as refusal:
        _mark(draft, refusal)
        return Meaning(error=_say(refusal)), None
    try:
        seen = segments.preview(tree=tree, now=desk.now, code=code, uid=UUID(draft.uid))
    except Refusal as refusal:
        return Meaning(sentence=sentence, error=refusal.detail), tree
    profiles = members.get_profiles(list(seen.sample))
    return Meaning(sentence, seen.count, tuple(profiles[one] for one in seen.sample)), tree


def _mark(draft: Draft, refusal: Refusal) -> None:
    number = find_row_number(refusal) if isinstance(refusal, TreeInvalid) else None
    if number is not None and number < len(draft.rows):
        draft.rows[number] = replace(draft.rows[number], error=_say(refusal))


def _say(refusal: Refusal) -> str:
    """Without the path in the tree, which the row stands for."""
    path = str(refusal.extra.get("path", ""))
    return refusal.detail.removeprefix(f"{path}: ")[:MESSAGE_MAX]


def _read_draft(posted: Mapping[str, Any]) -> Draft:
    try:
        uid = str(UUID(posted.get("uid", "")))
    except ValueError:
        uid = str(uuid4())
    return Draft(
        posted.get("name", ""),
        posted.get("description", ""),
        "any" if posted.get("joint") == "any" else "all",
        read_rows(posted),
        uid,
        posted.get("raw"),
        posted.get("version", ""),
    )


def _draft_of(found: SegmentView, desk: Desk, vocabulary: Vocabulary) -> Draft:
    split = split_tree(found.tree, vocabulary, _currency(desk))
    joint, rows = split or ("all", [])
    raw = None if split else json.dumps(found.tree, indent=1, ensure_ascii=False)
    return Draft(found.name, found.description, joint, rows, str(found.uid), raw, str(found.version))


def _read_tree(draft: Draft, desk: Desk, vocabulary: Vocabulary) -> Any:
    if draft.raw is None:
        return make_tree(draft.rows, draft.joint, vocabulary, _currency(desk))
    try:
        return json.loads(draft.raw)
    except (ValueError, RecursionError) as error:
        raise TreeInvalid(_("This is not JSON: %(error)s") % {"error": error}) from error


def _tree_or_empty(draft: Draft, desk: Desk, vocabulary: Vocabulary) -> Any:
    try:
        return _read_tree(draft, desk, vocabulary)
    except Refusal:
        return {"version": 1, "match": {"all": []}}


def _currency(desk: Desk) -> str:
    return desk.programme.currency if desk.programme else ""
