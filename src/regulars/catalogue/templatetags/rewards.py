"""`{% load rewards %}`: addresses of a reward's uploaded picture."""

from django import template
from django.urls import reverse

from regulars.catalogue import facade as catalogue

register = template.Library()


@register.simple_tag
def picture_address(name: str, page: str) -> str:
    """`{% picture_address pic.name "store:picture" %}`: what any reader can show."""
    return reverse(page, args=[catalogue.find_fallback(name)])


@register.simple_tag
def picture_sizes(name: str, page: str) -> str:
    """`{% picture_sizes pic.name "store:picture" %}`: its sizes, as `srcset` has them; empty without any."""
    sizes = catalogue.list_sizes(name)
    return ", ".join(f"{reverse(page, args=[size])} {width}w" for width, size in sizes)
