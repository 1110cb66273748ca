"""Reports: each renders a finished run and decides nothing."""
