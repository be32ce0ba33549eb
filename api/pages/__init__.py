"""HTML pages in Norwegian and English."""
