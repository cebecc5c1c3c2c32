"""Shapes: what the rows of each kind of file mean, and which operation takes them."""

from regulars.imports.shapes.base import Context, Field, Shape, Verdict, VerdictStatus
from regulars.imports.shapes.events import EventsShape
from regulars.imports.shapes.members import MembersShape
from regulars.imports.shapes.orders import OrdersShape
from regulars.imports.shapes.products import ProductsShape
from regulars.imports.shapes.returns import ReturnsShape
from regulars.imports.types import ImportKind

__all__ = ["Context", "Field", "Shape", "Verdict", "VerdictStatus", "make_shape"]


def make_shape(kind: ImportKind, context: Context) -> Shape:
    """The shape of a kind of file."""
    match kind:
        case ImportKind.ORDERS:
            return OrdersShape(context)
        case ImportKind.RETURNS:
            return ReturnsShape(context)
        case ImportKind.MEMBERS:
            return MembersShape(context)
        case ImportKind.PRODUCTS:
            return ProductsShape(context)
        case ImportKind.EVENTS:
            return EventsShape(context)
