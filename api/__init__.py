"""Every way in and out: commands, JSON, pages and storage."""
