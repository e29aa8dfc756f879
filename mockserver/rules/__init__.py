"""The request rules of the API as tables: what is refused, what is only warned of, in whose words."""

from mockserver.rules.check import MOST_WARNINGS, NOT_JSON, check, rows
from mockserver.rules.refusal import CLEAN, Level, Outcome, Refusal
from mockserver.rules.table import Row

__all__ = ["CLEAN", "MOST_WARNINGS", "NOT_JSON", "Level", "Outcome", "Refusal", "Row", "check", "rows"]
