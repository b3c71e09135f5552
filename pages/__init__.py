"""One script per screen; layout only."""
