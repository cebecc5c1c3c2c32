"""The typeface of statements, cut down to the letters that one of them uses.

Noto Sans SC has Latin, Cyrillic and Chinese in one design. Its file is large and holds every weight: letters
are taken out first, then the two weights are made, which takes a second or two of one processor.
"""

import io
from functools import lru_cache
from importlib.resources import files

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

REGULAR, BOLD = 400, 700
REPLACEMENT = "□"
_FILE = files("justmytype_intl_cjk").joinpath("fonts", "ofl", "notosanssc", "NotoSansSC[wght].ttf")
_UNUSED = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "DSIG", "vhea", "vmtx", "VVAR")


@lru_cache(maxsize=4)
def cut_typeface(letters: frozenset[str]) -> tuple[bytes, bytes]:
    """The regular and the bold cut as TrueType files with these letters. The same letters again are kept."""
    with _FILE.open("rb") as source:
        font = TTFont(source, lazy=True, recalcTimestamp=False)
        options = subset.Options(layout_features=[], hinting=False, notdef_outline=True)
        options.drop_tables += _UNUSED
        cutter = subset.Subsetter(options)
        cutter.populate(text="".join(sorted(letters)))
        cutter.subset(font)
        small = _save(font)
    return _make_weight(small, REGULAR), _make_weight(small, BOLD)


@lru_cache(maxsize=1)
def known_letters() -> frozenset[int]:
    """The code points that the typeface has."""
    with _FILE.open("rb") as source:
        return frozenset(TTFont(source, lazy=True).getBestCmap())


def _make_weight(small: bytes, weight: int) -> bytes:
    font = TTFont(io.BytesIO(small), recalcTimestamp=False)
    return _save(instancer.instantiateVariableFont(font, {"wght": weight}))


def _save(font: TTFont) -> bytes:
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
