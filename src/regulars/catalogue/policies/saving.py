"""Pure decisions: what may be saved."""

import re
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from regulars.catalogue.errors import RewardInvalid
from regulars.catalogue.types import ProductInput, RewardInput, RewardKind

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
POINTS_MAX = 10**12
MONEY_MAX = 10**12
STOCK_MAX = 10**12
URL_MAX = 500
NAME_MAX = 160
ALT_MAX = 300
TEXT_MAX = 20_000


def find_product_fault(product: ProductInput) -> str:
    """Why a product cannot be stored; empty where it can."""
    fault = ""
    if not 0 < len(product.sku) <= 64:
        fault = "The sku must have 1 to 64 characters."
    elif not 0 < len(product.name) <= 200:
        fault = "The name must have 1 to 200 characters."
    elif len(product.brand) > 120:
        fault = "The brand may have 120 characters at most."
    elif any(not 0 < len(part) <= 120 for part in product.categories):
        fault = "Each category must have 1 to 120 characters."
    elif product.price is not None and not 0 <= product.price <= MONEY_MAX:
        fault = "The price must be a sane amount, not negative."
    elif product.cost is not None and not 0 <= product.cost <= MONEY_MAX:
        fault = "The cost must be a sane amount, not negative."
    elif product.url and not is_web_address(product.url):
        fault = "The address must begin with http:// or https:// and have 500 characters at most."
    elif not is_storable("".join((product.sku, product.name, product.brand, *product.categories))):
        fault = "Text must be valid Unicode without NUL characters."
    return fault


def is_web_address(text: str) -> bool:
    """Whether a link may lead there: http or https, to a host, without space or what cannot be seen."""
    if len(text) > URL_MAX or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold the text: no NUL, no half of a surrogate pair."""
    return _UNSTORABLE.search(text) is None


def check_reward(reward: RewardInput) -> None:
    """Raise RewardInvalid, naming the field, where a reward as described makes no sense."""
    for field, holds, message in _reward_conditions(reward):
        if not holds:
            raise RewardInvalid(message, field=field)


def _reward_conditions(r: RewardInput) -> list[tuple[str, bool, str]]:
    texts = (r.name, r.description, r.terms, r.category)
    return [
        (
            "code",
            CODE.fullmatch(r.code) is not None,
            _("The code is made of a–z, 0–9, dot, dash and underscore."),
        ),
        ("name", 0 < len(r.name.strip()) <= NAME_MAX, _("The name must have 1 to 160 characters.")),
        ("name", all(map(is_storable, texts)), _("Text must be valid Unicode without NUL characters.")),
        ("price_points", 0 < r.price_points <= POINTS_MAX, _("The price must be at least one point.")),
        ("price_money", 0 <= r.price_money <= MONEY_MAX, _("The money price must not be negative.")),
        ("cost", r.cost is None or 0 <= r.cost <= MONEY_MAX, _("The cost must not be negative.")),
        ("description", len(r.description) <= TEXT_MAX, _("The description may have 20,000 characters.")),
        ("terms", len(r.terms) <= TEXT_MAX, _("The terms may have 20,000 characters.")),
        ("category", len(r.category) <= 80, _("The category may have 80 characters.")),
        ("stock", r.stock is None or 0 <= r.stock <= STOCK_MAX, _("The stock must not be negative.")),
        (
            "per_member_max",
            r.per_member_max is None or 0 < r.per_member_max < 2**31,
            _("The limit is 1 or more."),
        ),
        *_schedule_conditions(r),
        ("kept_for_rank", 0 <= r.kept_for_rank < 2**15, _("The rank is 0 or more.")),
        (
            "code_pool",
            r.kind is not RewardKind.VOUCHER or r.code_pool is not None,
            _("A voucher needs a pool to take codes from."),
        ),
        (
            "cancellable_for_hours",
            0 <= r.cancellable_for_hours <= 24 * 366,
            _("The time to take it back is 0 hours to a year."),
        ),
        (
            "cancellable_for_hours",
            r.code_pool is None or r.cancellable_for_hours <= 0,
            _("What hands out a code cannot be taken back by the member: the code is known by then."),
        ),
        (
            "voucher_valid_days",
            r.voucher_valid_days is None or 0 <= r.voucher_valid_days <= 36_600,
            _("The validity is 0 days to a hundred years."),
        ),
        (
            "hidden_from_others",
            not r.hidden_from_others or bool(r.tiers_allowed),
            _("To hide it from other tiers, say which tiers may have it."),
        ),
        (
            "archived",
            not (r.archived and r.published),
            _("What is put away cannot be offered as well."),
        ),
        (
            "language",
            LANGUAGE.fullmatch(r.language) is not None,
            _("A language is a code such as en or zh-hans."),
        ),
        *_text_conditions(r),
        (
            "tiers_allowed",
            all(0 < len(tier) <= 64 for tier in r.tiers_allowed),
            _("A tier's code is 1 to 64 long."),
        ),
    ]


def _schedule_conditions(r: RewardInput) -> list[tuple[str, bool, str]]:
    ordered = r.active_from is None or r.active_to is None or r.active_from < r.active_to
    instants = (r.active_from, r.active_to, r.kept_until)
    aware = all(instant is None or instant.tzinfo is not None for instant in instants)
    return [
        ("active_from", aware, _("Instants need a time zone.")),
        ("active_to", not aware or ordered, _("It must end after it begins.")),
        ("kept_units", r.kept_units >= 0, _("The kept units must not be negative.")),
        (
            "kept_units",
            not r.kept_units or (r.stock is not None and r.kept_units <= r.stock),
            _("Units can be kept only out of a counted stock that has as many."),
        ),
    ]


def _text_conditions(r: RewardInput) -> list[tuple[str, bool, str]]:
    languages = [text.language for text in r.translations]
    parts = [part for t in r.translations for part in (t.name, t.description, t.terms, t.picture_alt)]
    return [
        (
            "translations",
            all(LANGUAGE.fullmatch(language) is not None for language in languages),
            _("A language is a code such as en or zh-hans."),
        ),
        (
            "translations",
            len(set(languages)) == len(languages) and r.language not in languages,
            _("Each language is said once."),
        ),
        (
            "translations",
            all(map(is_storable, parts)),
            _("Text must be valid Unicode without NUL characters."),
        ),
        (
            "translations",
            all(
                len(t.name) <= NAME_MAX
                and max(len(t.description), len(t.terms)) <= TEXT_MAX
                and len(t.picture_alt) <= ALT_MAX
                for t in r.translations
            ),
            _("A name may have 160 characters, a text 20,000."),
        ),
    ]
