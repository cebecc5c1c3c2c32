"""`{% load components %}`: components that hold something. Each renders its template in `design/components/`.

    {% card _("Your status") id="status-title" %} … {% endcard %}
    {% notice "info" variant="honey" %} … {% endnotice %}
    {% question _("Take it back?") action=here confirm=_("Yes") dismiss=_("No") %} … {% endquestion %}
    {% table _("Members") %} <thead> … {% endtable %}

Those that hold nothing are included: button, field, progress, points, tier, tabs, empty, skeleton.
"""

from typing import Any

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

register = template.Library()


def _render(context: Context, name: str, **values: Any) -> SafeString:
    found: Any = get_template(f"design/components/{name}.html")
    with context.push(**values):
        # The page's own context, as an include has it: the component needs the token for its form.
        rendered: SafeString = found.template.render(context)
        return rendered


@register.simple_block_tag(takes_context=True)
def card(
    context: Context,
    content: SafeString,
    heading: str = "",
    *,
    look: str = "card",
    id: str = "",  # noqa: A002  (as the attribute is called)
    by: str = "",
    label: str = "",
    about: str = "",
    href: str = "",
    action: str = "",
    role: str = "",
) -> SafeString:
    """A part of a page in a frame, under a heading of the second rank."""
    return _render(
        context,
        "card",
        body=content,
        heading=heading,
        look=look,
        id=id,
        by=by,
        label=label,
        about=about,
        href=href,
        action=action,
        role=role,
    )


@register.simple_block_tag(takes_context=True)
def panel(context: Context, content: SafeString, heading: str = "", **values: str) -> SafeString:
    """The card as the console has it."""
    return card(context, content, heading, look="panel", **values)


@register.simple_block_tag(takes_context=True)
def notice(
    context: Context, content: SafeString, icon_name: str, *, variant: str = "", role: str = ""
) -> SafeString:
    """Something to notice, in the page."""
    return _render(context, "notice", body=content, icon_name=icon_name, variant=variant, role=role)


@register.simple_block_tag(takes_context=True)
def question(
    context: Context,
    content: SafeString,
    heading: str = "",
    *,
    confirm: str,
    dismiss: str,
    id: str = "",  # noqa: A002  (as the attribute is called)
    text: str = "",
    variant: str = "primary",
    action: str = "",
    href: str = "",
    focus: bool | str = False,
) -> SafeString:
    """A question with what follows from the answer, in a dialog or on a page of its own."""
    return _render(
        context,
        "dialog",
        body=content,
        heading=heading,
        confirm=confirm,
        dismiss=dismiss,
        id=id,
        text=text,
        variant=variant,
        action=action,
        href=href,
        focus=focus,
    )


@register.simple_block_tag(takes_context=True)
def table(
    context: Context,
    content: SafeString,
    caption: str,
    *,
    look: str = "table",
    frame: str = "table-container",
) -> SafeString:
    """A table in a frame that scrolls sideways by keys too."""
    return _render(context, "table", body=content, caption=caption, look=look, frame=frame)
