"""Rules: one Markdown page each, in one folder per area, and the strict reader of the pages."""
