"""The claims of the lstm topic, one module for each question."""
