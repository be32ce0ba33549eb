"""Composite indicators of any units: from figures to scores and ranks, step by step."""
