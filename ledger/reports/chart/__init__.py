"""Charts of reports: plain text for a terminal, SVG for a page.

It may import `reports` and what is below it, and no plotting library: the pictures are few and
plain, their bytes must be the same everywhere. In reading order:

- `scale`: ticks of axes, of whole numbers and of days
- `series`: what a report's rows come to as a chart: bars, a course, a comparison
- `terminal`: charts of characters: `canvas`, then `bars` and `steps`
- `svg`: charts as SVG, with their caption and alt text
"""

CHARTED = ("totals", "running", "published")
"""The reports that have a chart."""
