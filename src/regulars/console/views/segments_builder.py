"""The builder of segments: conditions in rows and groups, counted before they are saved."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.desk import Desk, at_desk, show
from regulars.console.pages.segments.doubts import list_doubts
from regulars.console.pages.segments.groups import (
    ROOT,
    Group,
    add_item,
    count_items,
    make_tree,
    mark_error,
    read_group,
    remove_item,
    show_group,
    split_tree,
)
from regulars.console.pages.segments.rows import OPS, Row
from regulars.console.pages.segments.shown import name_segment
from regulars.console.pages.segments.subjects import Form, list_columns, list_subjects, make_form
from regulars.identity.facade import Permission
from regulars.kit.errors import Refusal
from regulars.members import facade as members
from regulars.members.facade import MemberProfile
from regulars.segments import facade as segments
from regulars.segments.facade import SegmentChanged, SegmentInput, SegmentView, TreeInvalid

MESSAGE_MAX = 500


@dataclass(slots=True)
class Draft:
    """What stands in the form. `raw` is the tree as JSON, where it is edited so; `seen_at` when the segment
    was last changed, as the form saw it.
    """

    name: str
    description: str
    root: Group
    uid: str
    raw: str | None = None
    seen_at: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the form says as it stands: a sentence, how many, some of them; what is wrong, what looks odd."""

    sentence: str = ""
    count: int | None = None
    sample: tuple[MemberProfile, ...] = ()
    error: str = ""
    doubts: tuple[str, ...] = ()


@require_http_methods(["GET", "POST"])
@at_desk(Permission.SEGMENTS_MANAGE)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new segment; `from` takes another one's conditions to begin with."""
    form = _make_form(desk)
    if request.method == "POST":
        return _handle(request, desk, form, None)
    draft = Draft("", "", Group(items=[Row(days="30")]), str(uuid4()))
    if request.GET.get("from"):
        model = segments.get_segment(request.GET["from"])
        draft = _draft_of(model, form)
        draft.name, draft.uid = _("%(name)s (copy)") % {"name": name_segment(model)}, str(uuid4())
    return _show_form(request, desk, form, draft, None)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.SEGMENTS_MANAGE)
def edit(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Change a segment. Built-in ones are copied instead."""
    found = segments.get_segment(code)
    if found.built_in:
        return redirect("console:segment", code=code)
    form = _make_form(desk)
    if request.method == "POST":
        return _handle(request, desk, form, found)
    return _show_form(request, desk, form, _draft_of(found, form), found)


@require_POST
@at_desk(Permission.SEGMENTS_MANAGE)
def count(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the form says and how many that are, while it is filled in."""
    form = _make_form(desk)
    draft = _read_draft(request.POST)
    meaning, _tree = _find_meaning(draft, desk, form, request.POST.get("code", ""))
    return show(request, desk, "console/segments/meaning.html", meaning=meaning)


def _handle(request: HttpRequest, desk: Desk, form: Form, found: SegmentView | None) -> HttpResponse:
    draft = _read_draft(request.POST)
    deed, _dash, number = request.POST.get("act", "count").partition("-")
    if deed in {"add", "group"}:
        add_item(draft.root, number or ROOT, is_group=deed == "group")
    elif deed == "remove":
        remove_item(draft.root, number)
    elif deed == "json":
        draft.raw = json.dumps(_tree_or_empty(draft, form), indent=1, ensure_ascii=False)
    elif deed == "form":
        _leave_json(draft, form)
    elif deed == "save":
        return _save(request, desk, form, draft, found)
    return _show_form(request, desk, form, draft, found)


def _leave_json(draft: Draft, form: Form) -> None:
    """Into the form again, where it can hold what the JSON says."""
    try:
        split = split_tree(_read_tree(draft, form), form)
    except TreeInvalid:
        return
    if split is not None:
        draft.root, draft.raw = split, None


def _save(
    request: HttpRequest, desk: Desk, form: Form, draft: Draft, found: SegmentView | None
) -> HttpResponse:
    try:
        tree = _read_tree(draft, form)
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
                seen_at=_read_instant(draft.seen_at),
            )
    except Refusal as refusal:
        return _show_form(request, desk, form, draft, found, refusal=refusal)
    messages.success(request, _("Saved. Its members are found within a minute."))
    return redirect("console:segment", code=saved.code)


def _show_form(
    request: HttpRequest,
    desk: Desk,
    form: Form,
    draft: Draft,
    found: SegmentView | None,
    *,
    refusal: Refusal | None = None,
) -> HttpResponse:
    meaning, tree = _find_meaning(draft, desk, form, found.code if found else "")
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
        whole=show_group(draft.root),
        items_count=count_items(draft.root),
        found=found,
        refusal=None if refusal is None else _say(refusal),
        is_behind=isinstance(refusal, SegmentChanged),
        meaning=meaning,
        fits_form=draft.raw is not None and tree is not None and split_tree(tree, form) is not None,
        subjects=list_subjects(form.vocabulary, others),
        columns=list_columns(form.vocabulary),
        ops=OPS,
        choices=form.choices,
        shop_values=[(one.name, one.label) for one in form.vocabulary.shop_values.values()],
        active="segments",
    )


def _find_meaning(
    draft: Draft, desk: Desk, form: Form, code: str
) -> tuple[Meaning, Mapping[str, Any] | None]:
    """By the same statement that fills the segment once it is saved."""
    try:
        tree = _read_tree(draft, form)
        sentence = segments.describe_tree(tree=tree, now=desk.now)
    except Refusal as refusal:
        if isinstance(refusal, TreeInvalid):
            mark_error(draft.root, refusal, _say(refusal))
        return Meaning(error=_say(refusal)), None
    doubts = tuple(list_doubts(tree))
    try:
        seen = segments.preview(tree=tree, now=desk.now, code=code, uid=UUID(draft.uid))
    except Refusal as refusal:
        return Meaning(sentence=sentence, error=_say(refusal), doubts=doubts), tree
    profiles = members.get_profiles(list(seen.sample))
    return Meaning(sentence, seen.count, tuple(profiles[one] for one in seen.sample), doubts=doubts), tree


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
        read_group(posted),
        uid,
        posted.get("raw"),
        posted.get("seen_at", ""),
    )


def _draft_of(found: SegmentView, form: Form) -> Draft:
    split = split_tree(found.tree, form)
    raw = None if split else json.dumps(found.tree, indent=1, ensure_ascii=False)
    seen_at = found.updated_at.isoformat()
    return Draft(found.name, found.description, split or Group(), str(found.uid), raw, seen_at)


def _read_tree(draft: Draft, form: Form) -> Any:
    if draft.raw is None:
        return make_tree(draft.root, form)
    try:
        return json.loads(draft.raw)
    except (ValueError, RecursionError) as error:
        raise TreeInvalid(_("This is not JSON: %(error)s") % {"error": error}) from error


def _tree_or_empty(draft: Draft, form: Form) -> Any:
    try:
        return _read_tree(draft, form)
    except Refusal:
        return {"version": 1, "match": {"all": []}}


def _read_instant(told: str) -> datetime | None:
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return None


def _make_form(desk: Desk) -> Form:
    currency = desk.programme.currency if desk.programme else ""
    return make_form(segments.load_vocabulary(desk.now), currency)
