"""Runs of client scripts are shared by all test processes, as in tests/clients."""

from tests.clients.conftest import once

__all__ = ["once"]
