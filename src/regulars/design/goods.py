"""A sign for what a shop has no picture of: an icon in a tint, found by the words of its categories."""

import functools
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GoodsSign:
    """The name of an icon, and of its tint."""

    icon: str
    tint: str


ANYTHING = GoodsSign("shopping-basket", "leaf")

SHORT = 3
"""Latin words up to here must be whole: "ale" begins too many others."""
# The first row with a word of the category wins, so what is narrower stands first. A Latin or Cyrillic word
# matches from its beginning ("cook" finds "cookies"), a Chinese one anywhere.
_WORDS: tuple[tuple[str, str, str], ...] = (
    ("wheat", "honey", "sugar сахар"),
    ("sandwich", "clay", "hot-dog sandwich burger бутерброд бургер сэндвич 三明治 汉堡"),
    ("baby", "sky", "baby infant diaper дет младен подгуз 婴 母婴"),
    ("paw-print", "clay", "pet dog cat animal корм живот 宠物 猫 狗"),
    ("pizza", "tomato", "pizza пицц 披萨 比萨"),
    ("ice-cream-cone", "plum", "ice-cream sherbet novelt dessert морож десерт 冰淇淋 甜品"),
    ("snowflake", "sky", "frozen заморож замороз 冷冻"),
    ("cookie", "clay", "cookie cracker biscuit печен вафл 饼干"),
    ("candy", "plum", "candy chocolate sweets confection конфет шокол сладост 糖 巧克力"),
    ("cake-slice", "plum", "cake pastr pie donut muffin sweet торт пирог пирож десерт 蛋糕 糕点"),
    ("croissant", "clay", "bread baker baked rolls bun bagel dough хлеб выпеч булоч булк 面包 烘焙"),
    ("popcorn", "honey", "snack chip popcorn закус чипс снек 零食 薯片"),
    ("nut", "clay", "nuts peanut орех 坚果"),
    ("egg", "honey", "egg яйц 蛋"),
    (
        "milk",
        "sky",
        "milk dairy yogurt yoghurt cream butter margarin молок молоч йогурт слив масло кефир 奶 乳",
    ),
    ("milk", "honey", "cheese сыр 奶酪 芝士"),
    ("coffee", "clay", "coffee tea teas cocoa кофе чай какао 咖啡 茶"),
    ("wine", "plum", "wine spirit liquor вин алкогол 酒"),
    ("beer", "honey", "beer ale ales пив 啤酒"),
    ("cup-soda", "tomato", "drink soda juice beverage water isotonic напит сок вод лимонад 饮 汁 水饮"),
    ("soup", "tomato", "soup broth sauce gravy condiment spice суп соус приправ 汤 酱"),
    ("ham", "tomato", "ham bacon sausage lunchmeat deli колбас ветчин бекон 火腿 香肠 熟食"),
    ("drumstick", "tomato", "chicken poultry turkey кур птиц индей 鸡 禽"),
    ("beef", "tomato", "meat beef pork lamb veal мяс говяд свинин 肉"),
    ("fish", "sky", "fish seafood shrimp salmon рыб морепрод 鱼 海鲜 水产"),
    ("salad", "leaf", "salad салат 沙拉"),
    ("carrot", "leaf", "vegetable potato onion tomato carrot produce овощ картоф 蔬 菜"),
    ("apple", "tomato", "fruit apple berr grape citrus banana plum фрукт яблок ягод 果"),
    ("wheat", "honey", "cereal rice pasta noodle flour grain bean baking круп макарон мук рис 米 面 谷 粮"),
    ("utensils", "clay", "dinner meal restaurant kitchen cook housewares готов кухн посуд 餐 厨"),
    ("flower-2", "plum", "flower floral plant bouquet цвет букет растен 花"),
    ("sprout", "leaf", "garden natural organic сад эко 园艺 有机"),
    ("sparkles", "plum", "cosmetic makeup beauty hair facial fragrance космет красот волос 美妆 化妆 护肤"),
    ("bath", "sky", "bath soap hygiene shav oral deodorant shampoo мыл гигиен бритв 洗 浴 护理"),
    (
        "spray-can",
        "sky",
        "clean laundry detergent dishwash air-care paper trash broom уборк стирк чист 清洁 洗衣",
    ),
    (
        "pill",
        "tomato",
        "health vitamin pharm medic cold analges antacid first-aid diet здоров витамин аптек 健康 药",
    ),
    ("shirt", "sky", "apparel cloth shirt sock shoe fashion hosiery одежд обув 服 鞋"),
    ("book-open", "clay", "book magazine newspaper stationer school card книг журнал канцел 书 文具"),
    ("toy-brick", "honey", "toy game игр 玩具 游戏"),
    ("smartphone", "sky", "phone electron audio video photo camera электрон фото 电子 数码"),
    ("gift", "tomato", "gift party season christmas easter halloween подар праздн 礼 节"),
    ("lamp", "honey", "home house candle domestic furniture дом мебел свеч 家居 家具"),
    ("car", "sky", "cars automot autom fuel gasolin vehicle авто топлив 汽车 加油"),
)
_PARTS = re.compile(r"[\w-]+")
ICONS = tuple(sorted({icon for icon, _tint, _words in _WORDS} | {ANYTHING.icon}))


@functools.lru_cache(maxsize=4096)
def find_sign(categories: tuple[str, ...]) -> GoodsSign:
    """The sign of a product by the path of its categories, broadest first: the narrowest that tells wins."""
    for category in reversed(categories):
        if (sign := _judge(category.casefold())) is not None:
            return sign
    return ANYTHING


def _judge(category: str) -> GoodsSign | None:
    parts = {*_PARTS.findall(category.replace(" ", "-")), *_PARTS.findall(category)}
    for icon, tint, words in _WORDS:
        if any(_says(word, category, parts) for word in words.split()):
            return GoodsSign(icon, tint)
    return None


def _says(word: str, category: str, parts: set[str]) -> bool:
    if not (word.isascii() or "а" <= word[0] <= "я"):
        return word in category
    if word.isascii() and len(word) <= SHORT:
        return word in parts or f"{word}s" in parts
    return any(part.startswith(word) for part in parts)
