"""What is called rejected was rejected."""

import pytest


@pytest.mark.xdist_group("demo")
def test_nothing_proposed_is_listed_among_the_alternatives_rejected(demo_run):
    proposals = demo_run.proposal.proposals
    assert len(proposals) > 1
    for row in proposals.itertuples(index=False):
        assert not [name for name in proposals["name"] if f"{name}（相距" in (row.rejected or "")]
