"""Outcomes as plots: `picture` says what they show, `figure` draws with matplotlib, `terminal` in characters."""
