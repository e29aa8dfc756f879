"""The results as a picture: for each workload a bar for each server, as long as the logarithm of its ratio to f1."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, log10

from benchmarks.measure import MOCKSERVER, WITH_TOKENS, Result
from benchmarks.report import compared, number, ratios

COLORS = {
    MOCKSERVER: "#1f6feb",
    WITH_TOKENS: "#79a8f2",
    "aimock": "#d98324",
    "llmock": "#8a8f98",
    "stubllm": "#a9adb5",
    "fakellm": "#c8cbd1",
}
"""The servers that the chart shows, in their order."""

WIDTH, LABELS, RIGHT = 860, 190, 70
BAR, GAP, TOP = 11, 12, 56


def svg(results: Sequence[Result], where: Mapping[str, str]) -> str:
    """The chart of all results that have ratios to f1."""
    groups = [(result.workload, _bars(result)) for result in results if compared(result)]
    groups = [(name, bars) for name, bars in groups if bars]
    decades = max(1, ceil(log10(max((ratio for _, bars in groups for _, ratio in bars), default=10.0))))
    height = TOP + sum(len(bars) * BAR + GAP for _, bars in groups) + 8
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        'font-size="10" fill="#24292f">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="8" y="16" font-size="12">Cost of a request, as a multiple of a bare uvicorn app (f1); '
        f"lower is better, logarithmic; {escape(where.get('date', '')[:10])}</text>",
        *_legend([name for name in COLORS if any(name == server for _, bars in groups for server, _ in bars)]),
    ]
    for decade in range(decades + 1):
        x = _x(10.0**decade, decades)
        lines.append(f'<line x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{height - 6}" stroke="#e3e6ea"/>')
        lines.append(f'<text x="{x}" y="{TOP - 11}" text-anchor="middle" fill="#6a737d">{10**decade:,}</text>')
    y = TOP
    for name, bars in groups:
        middle = y + len(bars) * BAR / 2 + 3
        lines.append(f'<text x="{LABELS - 8}" y="{middle:g}" text-anchor="end">{escape(name)}</text>')
        for server, ratio in bars:
            x = _x(max(ratio, 1.0), decades)
            size = f'width="{max(1.5, x - LABELS):g}" height="{BAR - 2}"'
            lines.append(f'<rect x="{LABELS}" y="{y}" {size} fill="{COLORS[server]}"/>')
            lines.append(f'<text x="{max(x, LABELS + 1.5) + 4:g}" y="{y + BAR - 3}">{number(ratio)}</text>')
            y += BAR
        y += GAP
    return "\n".join([*lines, "</svg>", ""])


def _bars(result: Result) -> list[tuple[str, float]]:
    found = [(server, ratios(result, server, "f1")) for server in COLORS]
    return [(server, ratio.median) for server, ratio in found if ratio is not None]


def _x(ratio: float, decades: int) -> float:
    return round(LABELS + log10(ratio) / decades * (WIDTH - LABELS - RIGHT), 1)


def _legend(names: Sequence[str]) -> list[str]:
    lines, x = [], LABELS
    for name in names:
        lines.append(f'<rect x="{x}" y="25" width="9" height="9" fill="{COLORS[name]}"/>')
        lines.append(f'<text x="{x + 13}" y="33">{escape(name)}</text>')
        x += 30 + 6 * len(name)
    return lines
