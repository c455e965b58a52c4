# SPDX-License-Identifier: Apache-2.0
"""The demo's second opinion: where a client should go, computed here from where the database says it is, not by the gateway."""
import json
import math

from demo_world import REGIONS, run

DISTANCE_WEIGHT, LATENCY_WEIGHT = 0.95, 0.05  # as in packaging/demo/rhumb.yaml
HALF_EARTH_KM = 20015.1
# Scores closer than this are a draw: the measured latency breathes by some per cent between our look and the gateway's.
DRAW = 0.005


def distance_km(a, b):
    """Great circle by the haversine formula."""
    (lat1, lon1), (lat2, lon2) = [(math.radians(x), math.radians(y)) for x, y in (a, b)]
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0088 * math.asin(min(1.0, math.sqrt(half)))


def distance_value(km, accuracy_km):
    """1 at the door, 0 at the antipode; the vaguer the position, the nearer to a half."""
    return 0.5 + (0.5 - km / HALF_EARTH_KM) / (1 + accuracy_km / 1000)


def latency_value(milliseconds):
    """1 at nothing, a half at 100 ms."""
    return 1 / (1 + milliseconds / 100)


def look_up(binary, databases, addresses):
    """{address: facts} by `rhumb geo lookup`."""
    arguments = [part for path in databases for part in ("--database", path)]
    facts = {}
    for line in run(binary, "geo", "lookup", *addresses, "--json", *arguments).splitlines():
        one = json.loads(line)
        facts[one["address"]] = one
    return facts


def scores(facts, latencies, regions):
    """[(score, km, region)], best first; None when nothing is known of the client."""
    if "latitude" not in facts:
        return None
    rows = []
    for name in regions:
        km = distance_km((facts["latitude"], facts["longitude"]), REGIONS[name][:2])
        score = DISTANCE_WEIGHT * distance_value(km, facts.get("accuracy_km", 0)) + LATENCY_WEIGHT * latency_value(latencies[name])
        rows.append((score, km, name))
    return sorted(rows, reverse=True)


def right(rows, region):
    """Is this region the best, or as good as the best?"""
    return rows is None or any(name == region and rows[0][0] - score < DRAW for score, _, name in rows)
