"""OGC API – Features for other tools: Part 1 (core, GeoJSON, HTML, OpenAPI 3.0) and Part 2 (coordinate references).

Source: OGC 17-069r4 and 18-058r1. Regions and zones are open to everybody; tickets want a token, and of tickets only
what a map needs is told, nothing of persons.
"""

from mobile_api.ogc.views import ogc

__all__ = ["ogc"]
