"""Siting: which schools to open or enlarge first, exactly and with reasons. 选址建议."""

from layoutplan.siting.propose import Proposal, propose

__all__ = ["Proposal", "propose"]
