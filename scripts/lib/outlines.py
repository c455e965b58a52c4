#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes foresight/outlines.cc from a TopoJSON file of the world's countries:

    scripts/lib/outlines.py countries-110m.json > foresight/outlines.cc

The file is Natural Earth's 1:110m "Admin 0 - Countries" (public domain, naturalearthdata.com). Each arc, a coast or a
border of two countries, becomes one line of a path, thinned to what a map of a thousand pixels can show.
"""
import json
import math
import sys

TOLERANCE = 0.1  # degrees a dropped point may lie off the line
COLUMNS = 112
HALF_ROUND = 1800  # tenths of a degree


def points_of(arc, transform):
    """Longitude and latitude of each point; TopoJSON holds whole steps from the one before."""
    x = y = 0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        yield (x * transform["scale"][0] + transform["translate"][0],
               y * transform["scale"][1] + transform["translate"][1])


def distance(point, start, end):
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if length == 0:
        return math.hypot(point[0] - start[0], point[1] - start[1])
    return abs(dx * (point[1] - start[1]) - dy * (point[0] - start[0])) / length


def thinned(points):
    """Without the points that lie closer than TOLERANCE to the line that is left (Douglas and Peucker, 1973)."""
    if len(points) < 3:
        return points
    far = max(range(1, len(points) - 1), key=lambda i: distance(points[i], points[0], points[-1]))
    if distance(points[far], points[0], points[-1]) < TOLERANCE:
        return [points[0], points[-1]]
    return thinned(points[:far + 1])[:-1] + thinned(points[far:])


def commands(points):
    """Path commands in tenths of a degree, east and south: where a line begins, and steps from there. What goes round
    the date line ends at the one edge and begins again at the other."""
    last, stepping = None, False
    for longitude, latitude in points:
        at = (round(longitude * 10), round(-latitude * 10))
        if last is None or abs(at[0] - last[0]) > HALF_ROUND:
            yield f"M{at[0]} {at[1]}"
            stepping = False
        elif at != last:
            yield f"{' ' if stepping else 'l'}{at[0] - last[0]} {at[1] - last[1]}"
            stepping = True
        last = at


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        topology = json.load(file)
    lines = [""]
    for arc in topology["arcs"]:
        for command in commands(thinned(list(points_of(arc, topology["transform"])))):
            if len(lines[-1]) + len(command) > COLUMNS:
                lines.append("")
            lines[-1] += command
    text = "\n".join(f'    "{line}"' for line in lines)
    print(f"""// SPDX-License-Identifier: Apache-2.0
// Made by scripts/lib/outlines.py from Natural Earth's countries at 1:110m, which are in the public domain.
#include "foresight/outlines.h"

namespace rhumb::foresight {{

std::string_view world_outlines() noexcept {{
  // clang-format off
  return
{text};
  // clang-format on
}}

}}  // namespace rhumb::foresight""")


if __name__ == "__main__":
    main()
