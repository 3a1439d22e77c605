"""Claims to figures, lines to rows: section 5 of the design, as pure functions.

What comes in is a list of claims on lines, what goes out is figures that can be added up.
Nothing here reads or writes; it may import the values of the field alone. In reading order:

- `lines`: what a line is, which lines are disjoint, where a line lies
- `claims`: the order of claims, which of them stand, which one a policy chooses
- `figures`: what a line comes to, with what lies inside it; sums with unknowns
- `tolls`: all lines of one measure in one incident, from claims to figures
- `plans`: the same for one report with one claim a line, worked out once for each set of lines
- `questions`: which part of a toll a question counts, and into which row
"""
