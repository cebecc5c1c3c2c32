"""Readable names out of a till's capitals: FRZN VEGETABLE becomes Frozen Vegetable."""

import re
from functools import lru_cache

from regulars.demo.naming import CATEGORIES, HALVES, KINDS

DEPARTMENTS = {
    "AUTOMOTIVE": "Automotive",
    "CHARITABLE CONT": "Donations",
    "CHEF SHOPPE": "Chef's Shop",
    "CNTRL/STORE SUP": "Store Supplies",
    "COSMETICS": "Cosmetics",
    "COUPON": "Coupons & Services",
    "DELI": "Deli",
    "DRUG GM": "Health & Home",
    "ELECT &PLUMBING": "Home Improvement",
    "FLORAL": "Flowers",
    "FROZEN GROCERY": "Frozen Food",
    "FUEL": "Fuel",
    "GARDEN CENTER": "Garden",
    "GM MERCH EXP": "Health & Home",
    "GROCERY": "Grocery",
    "HOUSEWARES": "Health & Home",
    "MEAT": "Meat",
    "MEAT-PCKGD": "Packaged Meat",
    "MISCELLANEOUS": "Various",
    "NUTRITION": "Natural Foods",
    "PASTRY": "Bakery",
    "PHOTO & VIDEO": "Photo & Video",
    "POSTAL CENTER": "Postal Services",
    "PROD-WHS SALES": "Produce",
    "PRODUCE": "Produce",
    "RESTAURANT": "Restaurant",
    "SALAD BAR": "Salad Bar",
    "SEAFOOD": "Seafood",
    "SEAFOOD-PCKGD": "Packaged Seafood",
    "SPIRITS": "Wine & Spirits",
    "TOYS": "Toys",
    "TRAVEL & LEISURE": "Travel & Leisure",
}
SERVICES = "Coupons & Services"
GROUPS = {
    "BABY FOODS": "Baby",
    "BABY HBC": "Baby",
    "BABYFOOD": "Baby",
    "BAKED BREAD/BUNS/ROLLS": "Bread",
    "BREAD": "Bread",
    "CIGARETTES": "Tobacco",
    "CIGARS": "Tobacco",
    "COUPON": SERVICES,
    "COUPON/MISC ITEMS": SERVICES,
    "COUPONS/STORE & MFG": SERVICES,
    "DIAPERS & DISPOSABLES": "Baby",
    "FUEL": "Fuel",
    "INFANT CARE PRODUCTS": "Baby",
    "INFANT FORMULA": "Baby",
    "LONG DISTANCE CALLING CARDS": SERVICES,
    "PREPAID WIRELESS&ACCESSORIES": SERVICES,
    "ROLLS": "Bread",
    "TICKETS": SERVICES,
    "TOBACCO OTHER": "Tobacco",
}
_WORDS = {
    "BEERALEMALT": "Beer, Ale & Malt",
    "BKD": "Baked",
    "BN": "Beans",
    "BR": "Brown",
    "BRD": "Bread",
    "BRKFST": "Breakfast",
    "BTL": "Bottle",
    "CARB": "Carbonated",
    "CATFD": "Cat Food",
    "CHIX": "Chicken",
    "CHOC": "Chocolate",
    "CHOCOCLATE": "Chocolate",
    "CHP": "Chip",
    "CKYS": "Cookies",
    "CLEANG": "Cleaning",
    "CNDY": "Candy",
    "COCO": "Cocoa",
    "CONC": "Concentrates",
    "CRBNTD": "Carbonated",
    "CRKR": "Crackers",
    "CRMD": "Creamed",
    "CRYSTL": "Crystal",
    "DEOD": "Deodorant",
    "DISPOSIBLE": "Disposable",
    "DNR": "Dinner",
    "DNRS": "Dinners",
    "DOGFD": "Dog Food",
    "DRNK": "Drink",
    "DRNKING": "Drinking",
    "DRNKNG": "Drinking",
    "DRNKS": "Drinks",
    "DRSNG": "Dressing",
    "DSH": "Dishes",
    "EXCP": "Except",
    "FD": "Food",
    "FEM": "Feminine",
    "FLVR": "Flavor",
    "FLVRD": "Flavored",
    "FRE": "Free",
    "FRZ": "Frozen",
    "FRZN": "Frozen",
    "GDS": "Goods",
    "GRND": "Ground",
    "HBC": "Care",
    "HYGN": "Hygiene",
    "INCL": "Including",
    "JCE": "Juice",
    "LIQ": "Liquid",
    "LIQS": "Liquids",
    "MARINAD": "Marinades",
    "MISC": "Various",
    "MLT": "Malt",
    "MNERAL": "Mineral",
    "MNRL": "Mineral",
    "MXS": "Mixes",
    "NDAIRY": "Non-dairy",
    "PAC": "Pack",
    "PCKGD": "Packaged",
    "PK": "Pack",
    "PKG": "Package",
    "PKGD": "Packaged",
    "PKLD": "Pickled",
    "PNT": "Peanut",
    "PREM": "Premium",
    "PREP": "Prepared",
    "PREPORTND": "Portioned",
    "PROD": "Produce",
    "PRPCK": "Prepacked",
    "PWDR": "Powder",
    "REFRGRATD": "Chilled",
    "REFRIG": "Chilled",
    "REG": "Regular",
    "RW": "Weighed",
    "SALD": "Salad",
    "SAUCESSALSAPICANTEE": "Sauces, Salsa & Picante",
    "SAUS": "Sausage",
    "SEASONL": "Seasonal",
    "SFT": "Soft",
    "SGL": "Single",
    "SHERBTS": "Sherbets",
    "SLC": "Sliced",
    "SNDWCH": "Sandwich",
    "SNGL": "Single",
    "SNKS": "Snacks",
    "SPECIALITY": "Specialty",
    "SPLY": "Supplies",
    "SRV": "Serve",
    "SUP": "Supplies",
    "SUPPPLIES": "Supplies",
    "SV": "Serve",
    "SWEETNERS": "Sweeteners",
    "SYRP": "Syrup",
    "TISS": "Tissues",
    "TORT": "Tortilla",
    "TRSH": "Trash",
    "VEG": "Vegetable",
    "WHL": "Whole",
    "WHLSM": "Wholesome",
    "WTR": "Water",
}
_SMALL = frozenset({"and", "for", "in", "of", "on", "or", "the", "to", "with"})
_KEPT = frozenset({"BBQ", "DVD", "IQF", "SPF", "TV", "II", "NZ"})
_UNITS = {"dz": "dozen", "ga": "gal", "l": "L", "pc": "pieces", "pk": "pack"}
_WHOLE = frozenset({"dozen", "gal", "lb", "pt", "qt"})
# ".5 oz" is 0.5 oz, "5.0 oz" is 5 oz.
_HALF = re.compile(r"(?<!\d)\.(?=\d)")
_PLAIN = re.compile(r"(?<![\d.])(\d+)\.0+(?![\d.])")
_LOOSE = re.compile(r" \(Bulk\b[^)]*\)$")
# What a till puts before a size ("AB    8 OZ", "(600) 4 LB"), and that it is weighed ("7-11 LB RW").
_SIZE_NOISE = re.compile(r"^\([^)]*\)|^[A-Za-z]{1,4}(?=\s{2,})|\bRW$")
_CRATE = re.compile(r"(?:[\d.]+-)?(?P<most>[\d.]+) (?P<unit>lb|ct)")
CRATE_MIN = {"lb": 13, "ct": 9}
_WORD = re.compile(r"[A-Za-z][A-Za-z']*|[^A-Za-z]+")


@lru_cache(maxsize=4096)
def tidy(text: str) -> str:
    """A till's text in title case, its abbreviations written out, an unfinished bracket dropped."""
    text = text.strip()
    if text.count("(") > text.count(")"):
        text = text[: text.rindex("(")].rstrip(" -")
    text = re.sub(r"\s+", " ", text.replace("&", " & ").replace(":", ": "))
    words = []
    for position, match in enumerate(_WORD.finditer(text)):
        words.append(_cased(match.group(), first=position == 0))
    return "".join(words).strip(" -/:")


def _cased(word: str, *, first: bool) -> str:
    if not word[0].isalpha() or word in _KEPT:
        return word
    if word in _WORDS:
        return _WORDS[word]
    lower = word.lower()
    return lower if lower in _SMALL and not first else lower.capitalize()


def name_product(
    product_type: str | None,
    package_size: str | None,
    product_id: int,
    *,
    department: str | None = None,
    category: str | None = None,
) -> str:
    """What a product is called: its kind, with its category where that says too little, and its size."""
    name = _name_kind(tidy(product_type), category) if product_type else f"Item {product_id}"
    size = _name_size(package_size or "", is_loose=department == "PRODUCE")
    return f"{name}, {size}" if size else name


def _name_kind(kind: str, category: str | None) -> str:
    if category and kind in HALVES:
        return HALVES[kind].format(_name_category(category))
    kind = _LOOSE.sub("", kind)
    return KINDS.get(kind, kind)


def _name_size(told: str, *, is_loose: bool) -> str:
    """A size in small letters. Of what is sold loose the till knows the crate, which nobody takes home."""
    size = _SIZE_NOISE.sub("", told).strip().lower()
    size = _PLAIN.sub(r"\1", _HALF.sub("0.", " ".join(_UNITS.get(word, word) for word in size.split())))
    crate = _CRATE.fullmatch(size) if is_loose else None
    if size in _WHOLE:
        return f"1 {size}"
    return "" if crate and float(crate["most"]) >= CRATE_MIN[crate["unit"]] else size


def _name_category(category: str) -> str:
    name = tidy(category)
    return CATEGORIES.get(name, name)


def name_categories(
    department: str | None, category: str | None, product_type: str | None
) -> tuple[str, ...]:
    """The path of categories from the broadest to the narrowest. Fuel is fuel, whichever till rang it up."""
    if product_type and "GASOLINE" in product_type:
        return ("Fuel", "Gasoline")
    path = [DEPARTMENTS.get(department, tidy(department)) if department else "Various"]
    if category:
        path += [GROUPS[category]] if category in GROUPS else []
        path.append(_name_category(category))
    return tuple(dict.fromkeys(path))
