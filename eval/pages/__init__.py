"""Report pages, plots and terminal lines."""
