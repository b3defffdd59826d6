# SPDX-License-Identifier: Apache-2.0
"""Two kinds of plots as SVG, with the standard library alone: bars and lines."""

import math
from html import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 90, 170, 50, 60
COLOURS = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#888888"]


def _text(x, y, text, anchor="middle", size=12):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
            f"{escape(str(text))}</text>")


def _line(x1, y1, x2, y2, colour="#999999"):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}" stroke-width="1"/>')


def _write(path, title, parts):
    parts = [_text(WIDTH / 2, 26, title, size=16), *parts]
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n' + "\n".join(parts)
        + "\n</svg>\n")


def write_bars(path, title, values, digits=0):
    """values: a number by label, one horizontal bar each, from zero."""
    most = max(values.values(), default=0) or 1
    left, bar_room = 230, (HEIGHT - TOP - 20) / max(1, len(values))
    parts = []
    for i, (label, value) in enumerate(values.items()):
        top, length = TOP + i * bar_room, (WIDTH - left - 110) * value / most
        middle = top + bar_room / 2 + 4
        parts += [_text(left - 10, middle, label, "end"),
                  f'<rect x="{left}" y="{top + bar_room * 0.15:.1f}" width="{length:.1f}" '
                  f'height="{bar_room * 0.7:.1f}" fill="{COLOURS[i % len(COLOURS)]}"/>',
                  _text(left + length + 8, middle, f"{value:,.{digits}f}", "start")]
    _write(path, title, parts)


def write_lines(path, title, x_title, y_title, lines):
    """lines: points (x, y) by label. The y axis is logarithmic, and shows what is above 1."""
    points = [point for line in lines.values() for point in line]
    x_least, x_most = min(x for x, _ in points), math.ceil(max(x for x, _ in points) / 10) * 10
    low = math.floor(math.log10(max(1, min(y for _, y in points))))
    high = max(low + 1, math.ceil(math.log10(max(2, max(y for _, y in points)))))

    def place_x(x):
        return LEFT + (x - x_least) / ((x_most - x_least) or 1) * (WIDTH - LEFT - RIGHT)

    def place_y(y):
        share = (math.log10(max(y, 10 ** low)) - low) / (high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 15, x_title),
             _text(LEFT, TOP - 14, y_title)]
    for power in range(low, high + 1):
        y = place_y(10 ** power)
        parts += [_line(LEFT, y, WIDTH - RIGHT, y), _text(LEFT - 8, y + 4, f"{10 ** power:,}", "end")]
    for i in range(6):
        x = x_least + (x_most - x_least) * i / 5
        parts += [_line(place_x(x), TOP, place_x(x), HEIGHT - BOTTOM),
                  _text(place_x(x), HEIGHT - BOTTOM + 18, f"{x:g}")]
    for i, (label, line) in enumerate(lines.items()):
        colour = COLOURS[i % len(COLOURS)]
        path_points = " ".join(f"{place_x(x):.1f},{place_y(y):.1f}" for x, y in line)
        parts += [f'<polyline fill="none" stroke="{colour}" stroke-width="2" '
                  f'points="{path_points}"/>',
                  f'<rect x="{WIDTH - RIGHT + 12}" y="{TOP + 22 * i:.1f}" width="12" '
                  f'height="12" fill="{colour}"/>',
                  _text(WIDTH - RIGHT + 30, TOP + 22 * i + 11, label, "start")]
    _write(path, title, parts)
