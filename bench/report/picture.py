"""A bar chart as plain SVG that follows the reader's light or dark scheme."""

from html import escape

WIDTH, LEFT, RIGHT = 760, 190, 90
BAR, GAP, HEAD = 20, 9, 46

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 14px; }
  .bar { fill: #8c959f; }
  .ours { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .bar { fill: #6e7681; }
    .ours { fill: #58a6ff; }
  }
"""

Bars = list[tuple[str, float, bool]]  # label, value, whether it is ours


def picture(panels: list[tuple[str, str, Bars]]) -> str:
    """`panels` are title, unit and bars; each has a scale of its own."""
    parts, top = [], 0
    for title, unit, bars in panels:
        parts.append(_panel(title, unit, bars, top))
        top += HEAD + len(bars) * (BAR + GAP) + 14
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img" '
        f'aria-label="{escape(panels[0][0])}">\n<style>{STYLE}</style>\n{body}\n</svg>\n'
    )


def _panel(title: str, unit: str, bars: Bars, top: int) -> str:
    longest = max((value for _, value, _ in bars), default=0) or 1
    lines = [f'<text class="title" x="0" y="{top + 26}">{escape(title)}</text>']
    for turn, (label, value, ours) in enumerate(bars):
        y = top + HEAD + turn * (BAR + GAP)
        width = max(value / longest * (WIDTH - LEFT - RIGHT), 1)
        middle = y + BAR - 5
        lines += [
            f'<text x="{LEFT - 10}" y="{middle}" text-anchor="end">{escape(label)}</text>',
            f'<rect class="bar{" ours" * ours}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="3"/>',
            f'<text x="{LEFT + width + 8:.1f}" y="{middle}">{value:.3g} {escape(unit)}</text>',
        ]
    return "\n".join(lines)
