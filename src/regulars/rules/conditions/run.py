"""Compiling a condition once, and running it so that it fails with nothing but ConditionFailed."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import cel

WHEN_MAX = 1000


class ConditionFailed(Exception):
    """The expression could not be evaluated on these values. The message says why, in one line."""


class Condition:
    """A compiled expression. It reads the values that it is given and nothing else: CEL has no way out."""

    __slots__ = ("_program", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._program = _guarded(_engine().compile, source)

    def evaluate(self, context: "cel.Context") -> Any:
        """The value of the expression. Raises ConditionFailed."""
        return _guarded(self._program.execute, context)

    def holds(self, context: "cel.Context") -> bool:
        """True or false. Raises ConditionFailed where it is neither."""
        value = self.evaluate(context)
        if isinstance(value, bool):
            return value
        raise ConditionFailed(f"the result is {type(value).__name__}, not true or false")

    def functions(self) -> frozenset[str]:
        """The functions and operators that the expression calls."""
        return frozenset(self._program.functions())

    def variables(self) -> frozenset[str]:
        """The names that the expression reads, with those that its macros bind."""
        return frozenset(self._program.variables())


@lru_cache(maxsize=2048)
def compile_when(source: str) -> Condition:
    """The compiled expression, made once per text. Raises ConditionFailed where it is not CEL."""
    return Condition(source)


def make_context(values: Mapping[str, Mapping[str, Any]]) -> "cel.Context":
    """The values as the engine wants them. Raises ConditionFailed where one cannot be converted."""
    context: cel.Context = _guarded(_engine().Context, dict(values))
    return context


def _engine() -> Any:
    # Imported when the first condition is met: the package brings its own command line along (half a second).
    import cel  # noqa: PLC0415

    return cel


def _guarded(call: Callable[..., Any], *arguments: object) -> Any:
    try:
        return call(*arguments)
    except KeyError as error:
        raise ConditionFailed(f"there is no {error.args[0] if error.args else error}") from error
    except Exception as error:
        raise ConditionFailed(str(error).splitlines()[0] if str(error) else type(error).__name__) from error
    except BaseException as error:
        # A panic in the engine derives from BaseException; it must not end the process.
        if type(error).__name__ == "PanicException":
            raise ConditionFailed("the expression engine gave up") from error
        raise
