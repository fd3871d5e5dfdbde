"""dlcheck: deep-learning statements that run."""
