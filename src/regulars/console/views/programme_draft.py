"""The draft of the programme, table by table as forms, or whole as text. What is in force is not touched."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_programme import TableForm
from regulars.console.forms_programme_rule import KIND_HINTS, KINDS
from regulars.console.pages.programme_draft import (
    PARTS,
    find_draft,
    make_form,
    name_of,
    problems_of,
    read_data,
    read_meaning,
    read_workspace,
)
from regulars.identity.facade import Permission
from regulars.rules import facade as rules
from regulars.rules.facade import DraftEdit, DraftInfo, EditAction, RuleType

SAFE_ACTIONS = frozenset({EditAction.UP, EditAction.DOWN})


@require_POST
@at_desk(Permission.PROGRAMME_PUBLISH)
def begin(_request: HttpRequest, desk: Desk) -> HttpResponse:
    """Begin a draft from what is latest, or go on with the one there is."""
    rules.begin_draft(actor=desk.actor, now=desk.now)
    return redirect("console:programme_draft")


@require_safe
@at_desk(Permission.PROGRAMME_PUBLISH)
def draft(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The tables of the draft, with what they mean beside them."""
    if rules.find_draft() is None:
        return redirect("console:programme")
    work = read_workspace(desk)
    return _show(request, desk, "console/programme/draft.html", work=work, meaning=work.meaning, tab="forms")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.PROGRAMME_PUBLISH)
def text(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The draft as text: kept as it is typed, mistakes and all."""
    found = find_draft()
    if request.method == "GET":
        return _show_text(request, desk, found, found.text)
    typed = request.POST.get("text", "").replace("\r\n", "\n")
    revision = request.POST.get("revision", "")
    try:
        kept = rules.save_draft(
            actor=desk.actor,
            now=desk.now,
            text=typed,
            revision=int(revision) if revision.isdecimal() and len(revision) < 19 else 0,
        )
    except rules.DraftMoved:
        return _show_text(request, desk, find_draft(), typed, moved=True, status=409)
    if getattr(request, "htmx", False):
        return _show_aside(request, desk, kept, kept.text)
    return _show_text(request, desk, kept, kept.text, saved=True)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.PROGRAMME_PUBLISH)
def part(request: HttpRequest, desk: Desk, address: str) -> HttpResponse:
    """One table as a form: a rule, a tier, or one of the whole programme."""
    found = find_draft()
    data = read_data(found.text)
    path = rules.find_path(data, address) if data is not None else None
    if data is None or path is None or (":" not in address and address not in PARTS):
        raise rules.EditRefused(_("No form can show this: edit the text."))
    table = rules.table_at(data, path)
    form = make_form(address, data, table, request.POST if request.method == "POST" else None)
    if form is None:
        raise rules.EditRefused(_("No form can show this: edit the text."))
    seen = rules.fingerprint(table)
    shown: dict[str, Any] = {"form": form, "address": address, "seen": seen, "title": _title(address, table)}
    if request.method == "GET":
        return _show_part(request, desk, found, found.text, **shown)
    edit = DraftEdit(EditAction.CHANGE, address, {}, request.POST.get("seen", ""))
    return _take(request, desk, found, edit, shown)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.PROGRAMME_PUBLISH)
def add(request: HttpRequest, desk: Desk, head: str) -> HttpResponse:
    """A new rule or tier: for a rule first its kind, then the form of it."""
    found = find_draft()
    data = read_data(found.text)
    kind = next((kind for kind in RuleType if kind == request.GET.get("type")), None)
    if data is None:
        raise rules.EditRefused(_("No form can show this: edit the text."))
    if head == "earn" and kind is None:
        kinds = [(each.value, label, KIND_HINTS[each]) for each, label in KINDS.items()]
        return _show(
            request, desk, "console/programme/kinds.html", kinds=kinds, meaning=read_meaning(desk, found.text)
        )
    table: dict[str, Any] = {"type": str(kind)} if kind else {}
    form = make_form(f"{head}:", data, table, request.POST if request.method == "POST" else None)
    if form is None:
        raise rules.EditRefused(_("No form can show this: edit the text."))
    title = KINDS[kind] if kind else _("New tier")
    shown: dict[str, Any] = {"form": form, "address": "", "seen": "", "title": title}
    if request.method == "GET":
        return _show_part(request, desk, found, found.text, **shown)
    return _take(request, desk, found, DraftEdit(EditAction.ADD, head, table), shown)


@require_POST
@at_desk(Permission.PROGRAMME_PUBLISH)
def act(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Move a rule or tier, put a rule to rest or wake it, or take one away after asking."""
    address, asked = request.POST.get("address", ""), request.POST.get("action", "")
    found = find_draft()
    if asked == "remove" and request.POST.get("sure") != "yes":
        work = read_workspace(desk)
        row = next((row for row in (*work.rules, *work.tiers) if row.address == address), None)
        if row is None:
            raise rules.EditRefused(_("It is no longer there: the draft has changed meanwhile."))
        return _show(request, desk, "console/programme/remove.html", row=row, meaning=work.meaning)
    values: dict[str, Any] = {}
    if asked in {"rest", "wake"}:
        values, asked = {"enabled": False if asked == "rest" else None}, "change"
    action = next((each for each in EditAction if each == asked), None)
    if action is None or action is EditAction.ADD or ":" not in address:
        raise rules.EditRefused(_("That cannot be done here."))
    rules.edit_draft(actor=desk.actor, now=desk.now, edit=DraftEdit(action, address, values))
    if action is EditAction.REMOVE:
        messages.success(request, _("Taken out of the draft."))
    if found.saved_by != str(desk.actor):
        messages.info(
            request, _("%(name)s works on this draft, too.") % {"name": name_of(found.saved_by).text}
        )
    return redirect("console:programme_draft")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.PROGRAMME_PUBLISH)
def discard(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Throw the draft away, after saying what goes with it."""
    work = read_workspace(desk)
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        rules.discard_draft(
            actor=desk.actor,
            now=desk.now,
            revision=int(revision) if revision.isdecimal() and len(revision) < 19 else 0,
        )
        messages.success(request, _("The draft is thrown away. What is in force stays as it was."))
        return redirect("console:programme")
    return _show(request, desk, "console/programme/discard.html", work=work, meaning=work.meaning)


@require_safe
@at_desk(Permission.PROGRAMME_PUBLISH)
def pulse(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Whether someone else has changed the draft since a page was opened: asked now and then."""
    found = rules.find_draft()
    seen = request.GET.get("revision", "")
    moved = found is not None and seen != str(found.revision) and found.saved_by != str(desk.actor)
    other = name_of(found.saved_by) if found is not None and moved else None
    gone = found is None
    return _show(
        request, desk, "console/programme/pulse.html", draft=found, seen=seen, other=other, gone=gone
    )


def _take(
    request: HttpRequest, desk: Desk, found: DraftInfo, edit: DraftEdit, shown: dict[str, Any]
) -> HttpResponse:
    """What was sent for a table: shown with its mistakes, previewed, or kept."""
    form: TableForm = shown["form"]
    preview = request.POST.get("step") == "preview"
    new = found.text
    if form.is_valid():
        edit = DraftEdit(edit.action, edit.address, {**edit.values, **form.changes()}, edit.seen)
        try:
            # Looked at on the table as it is now: whether someone else moved it is judged when it is kept.
            new = rules.apply_edit(found.text, DraftEdit(edit.action, edit.address, edit.values))
        except rules.EditRefused as refusal:
            form.add_error(None, refusal.detail)
        data = read_data(new) or {}
        if new != found.text and rules.find_path(data, _address(edit)) is None:
            form.add_problem("id" if "id" in form.fields else "code", _("Another one has this name already."))
        for field, message in problems_of(_address(edit), data, new):
            form.add_problem(field, message)
    if preview:
        return _show_aside(request, desk, found, new, form=form)
    if form.errors:
        return _show_part(request, desk, found, new, **shown, status=422)
    try:
        rules.edit_draft(actor=desk.actor, now=desk.now, edit=edit)
    except rules.DraftMoved:
        shown["moved"] = name_of(found.saved_by)
        return _show_part(request, desk, found, new, **shown, status=409)
    messages.success(request, _("Kept in the draft."))
    return redirect("console:programme_draft")


def _address(edit: DraftEdit) -> str:
    """The address of the table after the edit: its name may be what changed."""
    head = edit.address.partition(":")[0]
    name = edit.values.get({"earn": "id", "tier": "code"}.get(head, ""), edit.address.partition(":")[2])
    return f"{head}:{name}" if head in {"earn", "tier"} else head


def _title(address: str, table: Any) -> Any:
    head, _colon, name = address.partition(":")
    return table.get("name") or name if name else PARTS[head][1]


def _show(
    request: HttpRequest, desk: Desk, template: str, *, status: int = 200, **shown: Any
) -> HttpResponse:
    usual: dict[str, Any] = {
        "active": "programme",
        "draft": None,
        "form": None,
        "moved": None,
        "other": None,
        "gone": False,
        "saved": False,
        "tab": "",
    }
    return show(request, desk, template, status=status, **{**usual, **shown})


def _show_text(
    request: HttpRequest,
    desk: Desk,
    found: DraftInfo,
    typed: str,
    *,
    moved: bool = False,
    saved: bool = False,
    status: int = 200,
) -> HttpResponse:
    other = name_of(found.saved_by) if moved else None
    if getattr(request, "htmx", False):
        return _show_aside(request, desk, found, typed, other=other)
    return _show(
        request,
        desk,
        "console/programme/text.html",
        draft=found,
        typed=typed,
        other=other,
        saved=saved,
        meaning=read_meaning(desk, typed),
        tab="text",
        status=status,
    )


def _show_part(
    request: HttpRequest, desk: Desk, found: DraftInfo, new: str, *, status: int = 200, **shown: Any
) -> HttpResponse:
    hint = PARTS[shown["address"]][3] if shown["address"] in PARTS else ""
    return _show(
        request,
        desk,
        "console/programme/part.html",
        status=status,
        draft=found,
        hint=hint,
        meaning=read_meaning(desk, new),
        **shown,
    )


def _show_aside(
    request: HttpRequest, desk: Desk, found: DraftInfo, new: str, *, form: Any = None, other: Any = None
) -> HttpResponse:
    """The part of a page that follows what is typed."""
    return _show(
        request,
        desk,
        "console/programme/aside.html",
        draft=found,
        form=form,
        other=other,
        meaning=read_meaning(desk, new),
        partial=True,
    )
