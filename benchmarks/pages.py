"""What the docs show of the results: tables in Markdown, a chart, and the numbers themselves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.chart import COLORS, svg
from benchmarks.measure import MOCKSERVER, Result
from benchmarks.report import compared, number, ratios, read_json, shown, verdict

DOCS = Path(__file__).resolve().parent.parent / "docs"
RESULTS = DOCS / "performance" / "results.json"
CHART = DOCS / "performance" / "chart.svg"
PAGE = DOCS / "performance.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


def render() -> None:
    """Bring chart and page up to date with the results that are recorded."""
    results, where = read_json(RESULTS.read_text(encoding="utf-8"))
    CHART.write_text(svg(results, where), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(inserted(page, tables(results, where)), encoding="utf-8")


def inserted(page: str, text: str) -> str:
    """The page with the text in the place of what stood between the marks."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{text}{END}{rest.partition(END)[2]}"


def tables(results: Sequence[Result], where: Mapping[str, str]) -> str:
    """The conditions, a table of the ratios to f1, and one of everything else."""
    beside = [result for result in results if compared(result)]
    alone = [result for result in results if not compared(result)]
    servers = [server for server in COLORS if any(server in result.values for result in beside)]
    lines = [
        ", ".join(f"{key} {value}" for key, value in where.items()) + ".",
        "",
        "| workload | " + " | ".join(servers) + " | req/s (f1) | goals |",
        "|---|" + "---|" * (len(servers) + 2),
        *(_compared(result, servers) for result in beside),
    ]
    if alone:
        lines += ["", "| what | | goals |", "|---|---|---|", *(_alone(result) for result in alone)]
    return "\n".join(lines) + "\n"


def _compared(result: Result, servers: Sequence[str]) -> str:
    cells = [shown(ratios(result, server, "f1"), ends=server == MOCKSERVER) for server in servers]
    own, floor = result.rates.get(MOCKSERVER), result.rates.get("f1")
    rates = f"{median(own):,.0f} ({median(floor):,.0f})" if own and floor else ""
    return f"| {result.about} | " + " | ".join([*cells, rates, _goals(result)]) + " |"


def _alone(result: Result) -> str:
    told = [f"{server} {number(median(values))}" for server, values in result.values.items() if values]
    return f"| {result.about} | {', '.join(told)} ({result.unit}) | {_goals(result)} |"


def _goals(result: Result) -> str:
    """The goals of mockserver without the real vocabulary, and whether they are reached."""
    aims = [aim for aim in result.aims if aim.server.startswith(MOCKSERVER + " ") or aim.server == MOCKSERVER]
    return "; ".join(
        f"<= {aim.must:g}{f' x {aim.base}' if aim.base else f' {result.unit}'}: {verdict(result, aim)}" for aim in aims
    )
