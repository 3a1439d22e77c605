"""Places: where an incident was, as precisely as its source says, and country codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

COUNTRIES: frozenset[str] = frozenset(
    # ISO 3166-1 alpha-2, officially assigned codes, and XK (user-assigned, in use for Kosovo).
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA
    ZM ZW
    """.split()
)

_USUAL_SLIPS = {
    "UK": "GB",
    "EL": "GR",
    "USA": "US",
    "GBR": "GB",
    "IRQ": "IQ",
    "IRN": "IR",
    "SYR": "SY",
    "POL": "PL",
}
_DEGREES = re.compile(r"-?\d{1,3}(\.\d{1,12})?", re.ASCII)


class Place(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A place as its source gives it.

    `country` is an ISO 3166 alpha-2 code. `latitude` and `longitude` are decimal degrees
    (WGS 84) as text, so that their digits stay as given; both or neither. `precision` is
    where_prec of the UCDP GED codebook: 1 exact location, 2 within about 25 km, 3 second-order
    division, 4 first-order division, 5 estimated, 6 country, 7 international waters or air.
    """

    name: str = ""
    country: str = ""
    admin1: str = ""
    admin2: str = ""
    latitude: str = ""
    longitude: str = ""
    precision: int | None = None


def country_fault(code: str) -> str | None:
    """What is wrong with a country code, or None."""
    if code in COUNTRIES:
        return None
    hint = _USUAL_SLIPS.get(code.upper()) or (code.upper() if code.upper() in COUNTRIES else "")
    meant = f": did you mean {hint}?" if hint else ""
    return f"{code!r} is no ISO 3166 alpha-2 country code{meant}"


def place_faults(place: Place) -> Iterator[tuple[str, str]]:
    """What is wrong with a place: pairs of field name and message."""
    if place.country and (fault := country_fault(place.country)):
        yield "country", fault
    if bool(place.latitude) != bool(place.longitude):
        yield "latitude", "latitude and longitude go together: one is missing"
    for field, most in (("latitude", 90), ("longitude", 180)):
        text = getattr(place, field)
        if text and not (_DEGREES.fullmatch(text) and abs(float(text)) <= most):
            yield field, f"{text!r} is no {field}: decimal degrees from -{most} to {most}"
    if place.precision is not None and not 1 <= place.precision <= 7:
        yield "precision", f"{place.precision} is no precision: 1 (exact) to 7 (UCDP where_prec)"
