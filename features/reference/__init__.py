"""The embedded snapshot of public facts: CSV tables and their data package."""
