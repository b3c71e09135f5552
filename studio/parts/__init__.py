"""Page parts with one job each, shared by the pages."""
