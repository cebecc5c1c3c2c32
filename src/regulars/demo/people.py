"""The households as members: demographics are real where known; names, addresses, birthdays are simulated."""

import random
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime

from regulars.demo.calendar import ZONE
from regulars.members.facade import MemberInput

SEED = "regulars"
SIMULATED = "name, e-mail, birthday"
"""What of a household is made up; it stands in the member's attribute `simulated`."""

GIVEN_NAMES = tuple(
    """
    Abigail Ada Adam Adrian Agnes Aisha Alan Alba Alice Amara Amelia Amir Ana Andrea Andrew Angela
    Anika Anna Anthony Arthur Astrid Audrey Ava Beatrice Benjamin Bianca Boris Brenda Brian Bruno
    Camille Carla Carlos Caroline Catherine Cecilia Chiara Chloe Christine Clara Claudia Colin Cora
    Cyrus Daniel Daphne David Deborah Diana Dmitri Dora Edith Edward Elena Elias Elise Ella Elliot
    Emil Emma Enzo Erica Esther Ethan Eva Evelyn Felix Fiona Florence Frances Frank Gabriel Gemma
    George Gloria Grace Greta Hannah Harold Harriet Hector Helen Henry Hugo Ida Igor Ines Irene Iris
    Isaac Isabel Ivan Jack Jacob James Janet Jasmine Jean Joan Joel John Jonas Joseph Josephine
    Judith Julia Julian June Karen Karim Kate Keiko Kenneth Kim Laila Lara Laura Lauren Leah Leo
    Leonard Lily Linda Linus Lisa Louis Louise Lucas Lucia Lydia Mabel Magda Malik Marco Margaret
    Maria Marie Marina Mark Martha Martin Mary Matilda Maya Mei Michael Mila Miriam Molly Monica
    Nadia Naomi Natalie Nathan Nicholas Nina Noah Nora Olga Olive Oliver Oscar Owen Pamela Patricia
    Paul Paula Peter Petra Philip Phoebe Priya Rachel Ralph Ramona Rebecca Rita Robert Rosa Rose
    Ruben Ruth Samuel Sandra Sara Sasha Sean Selma Simon Sofia Sonia Stella Stephen Susan Sylvia
    Tanya Teresa Theo Thomas Tina Tobias Uma Ursula Valerie Vera Victor Viola Vivian Walter Wanda
    Wei Wendy William Xenia Yara Yusuf Zoe
    """.split()  # noqa: SIM905 (hundreds of quoted names would be harder to read)
)
FAMILY_NAMES = tuple(
    """
    Abbott Adler Ahmed Alvarez Andersen Archer Atkins Baker Barnes Bauer Becker Bell Bennett Berg
    Bishop Blake Bloom Boyd Brandt Brennan Brooks Bryant Burke Burns Byrne Calder Carter Castillo
    Chandra Chang Chapman Chen Clarke Coleman Collins Conti Cooper Costa Cruz Dalton Daniels
    Davies Delgado Diaz Dixon Doyle Drake Duarte Dunn Eaton Edwards Ellis Engel Evans Farrell
    Ferrari Fischer Fleming Flores Foster Fox Francis Frost Fuller Garcia Gardner Garrett Gibson
    Glenn Gomez Graham Grant Greene Griffin Gupta Haas Hahn Hale Hansen Harper Harris Hart Hayes
    Hoffman Holland Holmes Hughes Hunter Ibrahim Ivanov Jackson Jansen Jensen Jimenez Johnston
    Jordan Kaplan Kaur Keller Kelly Khan Kim Klein Kowalski Kramer Lambert Lane Larsen Lawson Lee
    Lewis Lindgren Lopez Lowe Lund Malone Marino Marsh Martinez Mason Meyer Mills Molina Moore
    Morales Morgan Moss Murphy Nash Navarro Nelson Nguyen Novak Ochoa Olsen Ortega Osman Owens Page
    Park Patel Pearson Perez Peters Petrov Pham Porter Powell Price Quinn Ramos Reed Reyes Rhodes
    Rice Rivera Robbins Romano Rossi Rowe Russo Salazar Santos Sato Schmidt Schneider Shah Shaw
    Silva Singh Sloan Snyder Soto Spencer Stone Sullivan Suzuki Tanaka Taylor Thompson Torres Tran
    Turner Vance Vargas Vega Vogel Wagner Walsh Wang Ward Watts Weber Weiss Wells West Wood Wright
    Xu Yates Yilmaz Young Zhang Ziegler
    """.split()  # noqa: SIM905 (hundreds of quoted names would be harder to read)
)
_AGES = {
    "19-24": (19, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65+": (65, 84),
}
_ANY_AGE = (22, 78)


def external_id_of(household: int) -> str:
    """The shop's own id of a household."""
    return f"household-{household}"


def email_of(household: int) -> str:
    """An address under a domain that is reserved for examples."""
    return f"household-{household}@example.com"


def make_member(household: int, known: Mapping[str, str], joined_at: datetime) -> MemberInput:
    """A household as a member. The same household always gets the same name and birthday."""
    chance = random.Random(f"{SEED}:household:{household}")  # noqa: S311 (a simulation, not a secret)
    return MemberInput(
        external_id=external_id_of(household),
        given_name=chance.choice(GIVEN_NAMES),
        family_name=chance.choice(FAMILY_NAMES),
        email=email_of(household),
        birthday=_birthday(chance, known.get("age"), joined_at),
        joined_at=joined_at,
        locale="en-US",
        time_zone=ZONE.key,
        attributes={**known, "household": household, "simulated": SIMULATED},
    )


def _birthday(chance: random.Random, age: str | None, joined_at: datetime) -> date:
    youngest, oldest = _AGES.get(age or "", _ANY_AGE)
    year = joined_at.year - chance.randint(youngest, oldest)
    month = chance.randint(1, 12)
    return date(year, month, chance.randint(1, monthrange(year, month)[1]))
