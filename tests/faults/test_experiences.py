"""The docs say what real clients make of faults, from a run of them."""

import sys
from pathlib import Path

import pytest

from mockserver.faults import GROUPS, KINDS
from mockserver.reference import faults_table
from tests.clients import environments
from tests.faults.experiences import CASES, measured, refreshed, table
from tests.faults.experiences import KINDS as TABLES

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


@pytest.mark.skipif(sys.platform != "linux", reason="what becomes of a reset differs between platforms")
@pytest.mark.timeout(2 * environments.TIMEOUT)
def test_the_tables_are_what_clients_make_of_faults_today() -> None:
    """`python -m tests.faults.experiences docs/faults.md` would change nothing."""
    page = PAGE.read_text(encoding="utf-8")
    results = measured()
    assert refreshed(page, results) == page
    assert all(f"<!-- clients: {kind} -->\n\n{table(kind, results)}" in page for kind in TABLES)


def test_every_kind_is_tried() -> None:
    """No fault is left out of the tables."""
    assert {case.fault.split(";")[0] for case in CASES} == set(KINDS)


@pytest.mark.parametrize("group", ["where", *GROUPS])
def test_every_group_of_faults_has_its_table(group: str) -> None:
    """No kind is left out of the page."""
    assert f"<!-- faults: {group} -->\n\n{faults_table(group)}\n<!-- /faults -->\n" in PAGE.read_text(encoding="utf-8")


def test_a_row_says_what_a_fault_is() -> None:
    """From its kind alone."""
    rows = faults_table("endings").splitlines()
    assert rows[2].startswith(
        "| `close` | The connection is closed (FIN), by default without a byte of an answer. Needs"
    )
    assert " or a number of seconds. How long. `5000ms` when left out." in rows[5]
    assert rows[6].endswith("| [Where](#where); `after: middle` when left out. | its beginning |")
