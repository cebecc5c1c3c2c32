"""The house plan, held against the tables: foreign keys point down the layers, and leave no trace above."""

import configparser
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import models

ROOT = Path(__file__).parents[2]


def layer_of_each_room() -> dict[str, int]:
    """Room → height, read from the import contracts, so that the plan stands in one place."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    rows = contracts["importlinter:contract:layers"]["layers"].split("\n")
    layers = [row.strip() for row in rows if row.strip()]
    return {
        room.strip(): len(layers) - number for number, row in enumerate(layers) for room in row.split("|")
    }


def our_models() -> Iterator[type[models.Model]]:
    return (model for model in apps.get_models() if model.__module__.startswith("regulars."))


def offences(candidates: Iterator[type[models.Model]], layers: dict[str, int]) -> list[str]:
    found = []
    for model in candidates:
        room = model.__module__.split(".")[1]
        for field in model._meta.get_fields():
            target = field.related_model
            if not isinstance(field, models.ForeignKey) or not isinstance(target, type):
                continue
            if not target.__module__.startswith("regulars."):
                continue
            other = target.__module__.split(".")[1]
            if other == room:
                continue
            if layers[other] >= layers[room]:
                found.append(f"{model.__name__}.{field.name} points from {room} up or across to {other}")
            if field.remote_field.related_name != "+":
                found.append(f"{model.__name__}.{field.name} leaves a name on {target.__name__}")
    return found


def test_foreign_keys_point_down_and_leave_no_reverse_name() -> None:
    assert offences(our_models(), layer_of_each_room()) == []


def test_every_installed_room_is_on_the_plan() -> None:
    layers = layer_of_each_room()
    rooms = {config.label for config in apps.get_app_configs() if config.name.startswith("regulars.")}
    assert rooms <= layers.keys()


def test_the_check_sees_a_key_that_points_up() -> None:
    """Negative control: turned upside down, any key between rooms breaks the plan."""
    upside_down = {room: -height for room, height in layer_of_each_room().items()}
    between_rooms = [
        field
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and isinstance(field.related_model, type)
        and field.related_model.__module__.startswith("regulars.")
        and field.related_model.__module__.split(".")[1] != model.__module__.split(".")[1]
    ]
    assert bool(offences(our_models(), upside_down)) == bool(between_rooms)
