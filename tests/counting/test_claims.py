"""Claims: their order, which of them stand, which one a policy chooses (design, section 5)."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import counts
from ledger.counting.claims import POLICIES, Cited, Claim, Policy, choose, order, satisfies
from ledger.counts import Count
from tests.counting.samples import cited, claim, some_counts

POLICY = st.sampled_from(POLICIES)


def fates(
    claims: list[Claim], citations: list[Cited], policy: Policy = "latest"
) -> dict[int, tuple[str, int | None]]:
    """What became of each claim, by position."""
    found = choose(claims, citations, policy).verdicts
    return {position: (one.fate, one.by) for position, one in found.items()}


def walked(*said: str) -> str:
    """What is left of one claimant's counts, told one after the other."""
    claims = [claim(position, count) for position, count in enumerate(said)]
    return str(choose(claims, [cited()]).count)


# The order of claims


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2020-03-11", "2020-03-12"),
        ("", "0001-01-01"),
        ("2020-03-30", "2020-03"),
        ("2020-03-31T23:59", "2020-03"),
        ("2020-03", "2020-04-01"),
        ("2020-12-30", "2020"),
        ("2020", "2021-01-01"),
        ("2020-01-01/2020-03-11", "2020-03-12"),
        ("2020-03-10", "2020-01-01/2020-03-11"),
        ("2020-03-11T00:00", "2020-03-11T00:01"),
        ("2020-03-11T23:59:59", "2020-03-11"),
        ("2020-03-11T23:00+03:00", "2020-03-11T21:00Z"),
        ("2020-03-11T23:59-12:00", "2020-03-11"),
        ("2020-03-11", "2020-03-12T00:00+14:00"),
    ],
)
def test_a_claim_speaks_for_a_day(earlier: str, later: str) -> None:
    citations = [cited("A", earlier), cited("B", later)]
    assert order(claim(9, "1", 0), citations) < order(claim(1, "2", 1), citations)
    if earlier:
        as_of = [claim(9, "1", as_of=earlier), claim(1, "2", as_of=later)]
        assert order(as_of[0], [cited()]) < order(as_of[1], [cited()])


def test_as_of_goes_before_the_day_of_the_source() -> None:
    citations = [cited("A", "2020-03-01"), cited("B", "2020-02-01"), cited("C", "")]
    early, late, undated = (
        claim(5, "1", 0, as_of="2020-01-01"),
        claim(4, "2", 1),
        claim(3, "3", 2, as_of="2020-05"),
    )
    assert sorted([late, undated, early], key=lambda one: order(one, citations)) == [
        early,
        late,
        undated,
    ]


def test_then_position() -> None:
    citations = [cited("A"), cited("B")]
    assert choose([claim(7, "7", 0), claim(3, "3", 1)], citations).count == counts.parse("7")
    undated = [cited("A", ""), cited("B", "")]
    assert choose([claim(7, "7", 0), claim(3, "3", 1)], undated).count == counts.parse("7")


# Standing claims


@pytest.mark.parametrize(
    ("figure", "vague", "does"),
    [
        ("110", "24+", True),
        ("24", "24+", True),
        ("23", "24+", False),
        ("12", "11-13", True),
        ("11", "11-13", True),
        ("14", "11-13", False),
        ("5", "<=5", True),
        ("6", "<=5", False),
        ("0", "?", True),
        ("?", "?", True),
        ("?", "3+", False),
        ("<=2", "3+", False),
        ("30+", "24+", True),
        ("13+", "24+", False),
        ("~30", "24+", True),
        ("20/30/40", "24-35", True),
    ],
)
def test_a_figure_satisfies_a_vague_count_within_its_known_bounds(
    figure: str, vague: str, *, does: bool
) -> None:
    assert satisfies(counts.parse(figure), counts.parse(vague)) is does


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (["2", "3"], "3"),
        (["3", "2"], "2"),
        (["110", "24+"], "110"),
        (["20", "24+"], "24+"),
        (["24+", "110"], "110"),
        (["110", "24+", "50", "24+"], "50"),
        (["110", "?"], "110"),
        (["?", "5"], "5"),
        (["5", "~7"], "~7"),
        (["12", "11-13"], "12"),
        (["14", "11-13"], "11-13"),
        (["13+", "16+", "13+"], "16+"),
        (["2", "11/12/13"], "11/12/13"),
        (["0", "?"], "0"),
    ],
)
def test_each_claim_replaces_the_one_before_unless_it_corroborates_it(
    said: list[str], left: str
) -> None:
    assert walked(*said) == left


def test_every_claim_knows_what_became_of_it() -> None:
    claims = [claim(1, "100"), claim(2, "110"), claim(3, "24+"), claim(4, "50", 1)]
    citations = [cited("A", "2020-01-01"), cited("B", "2020-01-02")]
    assert fates(claims, citations) == {
        1: ("superseded", 2),
        2: ("stands", 4),
        3: ("corroborates", 2),
        4: ("chosen", None),
    }


def test_each_claimant_is_walked_by_itself() -> None:
    """B's dozens corroborate A's 110; B's own 50 does not stand any more after B's 120."""
    citations = [cited("A", "2020-01-05"), cited("B", "2020-01-06")]
    claims = [claim(1, "110"), claim(2, "50", 1), claim(3, "24+", 1), claim(4, "120", 1)]
    found = choose(claims, citations)
    assert str(found.count) == "120"
    assert {position: one.fate for position, one in found.verdicts.items()} == {
        1: "stands",
        2: "superseded",
        3: "corroborates",
        4: "chosen",
    }


def test_dozens_printed_after_110_by_another_leave_110() -> None:
    citations = [cited("A", "2020-02-21"), cited("The Invented Times", "2020-03-12")]
    claims = [claim(1, "110"), claim(2, "24+", 1)]
    assert str(choose(claims, citations).count) == "110"
    assert fates(claims, citations) == {1: ("chosen", None), 2: ("corroborates", 1)}


def test_a_claim_that_stands_by_itself_is_kept_as_it_was_said() -> None:
    odd = Count(13, 12, 11)
    assert choose([claim(1, odd)], [cited()]).count == odd


def test_without_the_last_claim_what_it_had_replaced_stands_again() -> None:
    claims = [claim(1, "10"), claim(2, "12"), claim(3, "10+")]
    assert str(choose(claims, [cited()]).count) == "12"
    assert str(choose([claims[0], claims[2]], [cited()]).count) == "10"
    assert str(choose(claims[:1], [cited()]).count) == "10"


# Set aside


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    ("grade", "source_grade"), [(4, "A"), (5, "A"), (1, "E"), (6, "E"), (4, "E")]
)
def test_a_claim_is_set_aside_while_another_stands(
    policy: Policy, grade: int, source_grade: str
) -> None:
    good, bad = cited("A"), cited("B", "2020-06-01", grade=grade, source_grade=source_grade)
    claims = [claim(1, "10"), claim(2, "100", 1), claim(3, "1", 1)]
    assert str(choose(claims, [good, bad], policy).count) == "10"
    assert fates(claims, [good, bad], policy) == {
        1: ("chosen", None),
        2: ("set aside", None),
        3: ("set aside", None),
    }


@pytest.mark.parametrize("policy", POLICIES)
def test_a_claimants_doubtful_word_does_not_replace_its_better_one(policy: Policy) -> None:
    same = [cited("A", "2020-01-01", grade=2), cited("A", "2020-02-01", grade=4)]
    assert str(choose([claim(1, "10"), claim(2, "3", 1)], same, policy).count) == "10"


@pytest.mark.parametrize("policy", POLICIES)
def test_where_all_are_set_aside_one_is_chosen(policy: Policy) -> None:
    bad = [cited("A", "2020-01-01", grade=4), cited("B", "2020-02-01", grade=4)]
    assert choose([claim(1, "10"), claim(2, "12", 1)], bad, policy).count.best == 12
    assert str(choose([claim(1, "10")], bad, policy).count) == "10"


@pytest.mark.parametrize("grade", [1, 2, 3, 6])
@pytest.mark.parametrize("source_grade", list("ABCDF"))
def test_what_cannot_be_judged_is_not_the_worst(grade: int, source_grade: str) -> None:
    assert not cited("A", grade=grade, source_grade=source_grade).aside


# The three policies


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        *(((a, "D"), (b, "A")) for a, b in ((1, 2), (2, 3), (3, 6))),
        *(((2, a), (2, b)) for a, b in ("AB", "BC", "CF", "FD")),
    ],
)
def test_graded_prefers_the_item_then_the_source(
    better: tuple[int, str], worse: tuple[int, str]
) -> None:
    citations = [
        cited("A", "2020-01-01", grade=better[0], source_grade=better[1]),
        cited("B", "2020-06-01", grade=worse[0], source_grade=worse[1]),
    ]
    claims = [claim(1, "10"), claim(2, "20", 1)]
    assert choose(claims, citations, "graded").count.best == 10
    assert choose(claims, citations, "latest").count.best == 20
    assert fates(claims, citations, "graded") == {1: ("chosen", None), 2: ("stands", 1)}


def test_graded_of_equals_is_the_latest() -> None:
    citations = [cited("A", "2020-06-01", grade=2), cited("B", "2020-01-01", grade=2)]
    assert choose([claim(1, "10"), claim(2, "20", 1)], citations, "graded").count.best == 10
    vague = [claim(1, "24+"), claim(2, "110", 1)]
    assert choose(vague, citations, "graded").count.best == 110


def test_graded_looks_at_standing_claims_only() -> None:
    """A took its well graded 10 back in favour of 12."""
    citations = [cited("A", "2020-01-01", grade=1), cited("A", "2020-02-01", grade=3)]
    assert choose([claim(1, "10"), claim(2, "12", 1)], citations, "graded").count.best == 12


def test_envelope_has_the_latest_best_and_the_extremes() -> None:
    citations = [cited("A", "2020-01-01"), cited("B", "2020-02-01"), cited("C", "2020-03-01")]
    claims = [claim(1, "11/12/13"), claim(2, "5-9", 1), claim(3, "~10", 2)]
    assert str(choose(claims, citations, "envelope").count) == "5/10/13"


def test_envelope_leaves_out_what_does_not_stand() -> None:
    citations = [cited("A", "2020-01-01"), cited("B", "2020-02-01"), cited("C", grade=5)]
    claims = [claim(1, "100"), claim(2, "12"), claim(3, "10", 1), claim(4, "1000", 2)]
    assert str(choose(claims, citations, "envelope").count) == "10/10/12"


@pytest.mark.parametrize(
    "said",
    [
        *(pytest.param(said) for said in ("13+", "<=5", "~30")),
        *("?", "11-13", "11/12/13", "2"),
    ],
)
def test_a_claimant_who_says_it_again_does_not_narrow_the_envelope(said: str) -> None:
    once, twice = [claim(1, said)], [claim(1, said), claim(2, said)]
    alone = choose(once, [cited()], "envelope").count
    assert choose(twice, [cited()], "envelope").count == alone


def test_envelope_invents_no_high_of_lows() -> None:
    citations = [cited("A"), cited("B", "2020-02-01")]
    found = choose([claim(1, "16+"), claim(2, "13+", 1)], citations, "envelope").count
    assert found.high is None


# What must always hold


@st.composite
def heard(draw: st.DrawFn) -> tuple[list[Claim], list[Cited]]:
    """Claims of a few claimants, on different days, of every grade."""
    days = st.sampled_from(["", "2020", "2020-03", "2020-03-11", "2020-03-11T19:35", "2020-03-12"])
    citations = draw(
        st.lists(
            st.builds(
                cited,
                st.sampled_from("ABC"),
                days,
                grade=st.integers(1, 6),
                source_grade=st.sampled_from("ABCDEF"),
            ),
            min_size=1,
            max_size=6,
        )
    )
    said = draw(st.lists(some_counts(0), min_size=len(citations), max_size=len(citations)))
    return [claim(place, count, place) for place, count in enumerate(said)], citations


@given(heard(), POLICY, st.randoms())
@settings(max_examples=60)
def test_a_choice_does_not_depend_on_the_order_of_reading(
    told: tuple[list[Claim], list[Cited]], policy: Policy, random: Random
) -> None:
    claims, citations = told
    shuffled = random.sample(claims, len(claims))
    assert choose(shuffled, citations, policy) == choose(claims, citations, policy)


@given(heard(), POLICY)
@settings(max_examples=60)
def test_every_claim_has_one_fate_and_one_is_chosen(
    told: tuple[list[Claim], list[Cited]], policy: Policy
) -> None:
    claims, citations = told
    found = choose(claims, citations, policy)
    assert found.verdicts.keys() == {one.position for one in claims}
    chosen = [place for place, one in found.verdicts.items() if one.fate == "chosen"]
    assert chosen == [found.claim.position]
    aside = {one.position for one in claims if citations[one.cited].aside}
    if len(aside) < len(claims):
        assert aside == {p for p, one in found.verdicts.items() if one.fate == "set aside"}
    assert found.count.best == found.claim.count.best
