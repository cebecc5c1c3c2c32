"""Pure decisions about texts: what of rich text may be shown, and how a reward is stored."""

import html
from dataclasses import replace

import nh3

from regulars.catalogue.types import Picture, PictureSource, RewardInput, RewardText

TAGS = {"p", "br", "strong", "em", "b", "i", "u", "s", "ul", "ol", "li", "a", "h3", "h4", "blockquote"}
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"https", "http", "mailto"}


def settle_reward(reward: RewardInput) -> RewardInput:
    """As it is stored: trimmed, sanitised, with a picture, without translations that say nothing."""
    texts = (
        RewardText(
            text.language,
            text.name.strip(),
            sanitise(text.description),
            sanitise(text.terms),
            text.picture_alt.strip(),
        )
        for text in reward.translations
    )
    return replace(
        reward,
        name=reward.name.strip(),
        category=reward.category.strip(),
        description=sanitise(reward.description),
        terms=sanitise(reward.terms),
        picture=reward.picture or Picture(PictureSource.BUILTIN, reward.kind.value),
        translations=tuple(
            sorted((text for text in texts if text.says_something), key=lambda text: text.language)
        ),
    )


def sanitise(text: str) -> str:
    """Rich text with nothing in it but what may be shown: no scripts, styles, images or handlers."""
    return nh3.clean(text, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES).strip()


def strip_tags(text: str) -> str:
    """The words of rich text."""
    return html.unescape(nh3.clean(text.replace("<", " <"), tags=set()))
