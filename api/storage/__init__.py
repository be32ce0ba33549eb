"""Database tables, their migrations and every query."""
