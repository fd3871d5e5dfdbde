"""The claims about the transformer, one module for each thing that a student asks about."""
