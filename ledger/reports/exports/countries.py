"""Countries as others write them: names of UCDP, ISO 3166 alpha-3 codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_AS_IN_GED = (
    # Where UCDP has had several names: the one that GED 19.1 writes.
    "Bosnia-Herzegovina",
    "Cambodia (Kampuchea)",
    "DR Congo (Zaire)",
    "Georgia",
    "Germany",
    "India",
    "Ivory Coast",
    "Kingdom of eSwatini (Swaziland)",
    "Kyrgyzstan",
    "Macedonia, FYR",
    "Madagascar (Malagasy)",
    "Myanmar (Burma)",
    "North Korea",
    "Russia (Soviet Union)",
    "Serbia (Yugoslavia)",
    "Slovakia",
    "South Korea",
    "Suriname",
    "United States of America",
    "Vietnam (North Vietnam)",
    "Yemen (North Yemen)",
    "Zimbabwe (Rhodesia)",
)


class Countries(NamedTuple):
    """Names and alpha-3 codes, by ISO 3166 alpha-2 code."""

    names: Mapping[str, str]
    iso3: Mapping[str, str]


def countries(words: Mapping[str, Mapping[str, str]]) -> Countries:
    """The vocabularies of mappings, the other way round: from alpha-2 codes.

    Where a country has several names, and GED 19.1 is not known to write one of them, it is the
    first by the alphabet.
    """
    by_name = words["ucdp-countries"]
    ordered = (*sorted(by_name, reverse=True), *_AS_IN_GED)
    return Countries(
        {by_name[name]: name for name in ordered},
        {short: long for long, short in words["iso3"].items()},
    )
