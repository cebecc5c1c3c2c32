"""Readable names out of a till's capitals: FRZN VEGETABLE becomes Frozen Vegetable."""

import re
from functools import lru_cache

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


def name_product(product_type: str | None, package_size: str | None, product_id: int) -> str:
    """What a product is called: its type and its size, or at least its number."""
    name = tidy(product_type) if product_type else f"Item {product_id}"
    size = re.sub(r"\s+", " ", package_size).strip().lower() if package_size else ""
    return f"{name}, {size}" if size else name


def name_categories(
    department: str | None, category: str | None, product_type: str | None
) -> tuple[str, ...]:
    """The path of categories from the broadest to the narrowest. Fuel is fuel, whichever till rang it up."""
    if product_type and "GASOLINE" in product_type:
        return ("Fuel", "Gasoline")
    path = [DEPARTMENTS.get(department, tidy(department)) if department else "Various"]
    if category:
        path += [GROUPS[category]] if category in GROUPS else []
        path.append(tidy(category))
    return tuple(dict.fromkeys(path))
