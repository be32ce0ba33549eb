"""Use cases: load, compute, save; each called alike by commands, JSON and pages."""
