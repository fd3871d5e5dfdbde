"""The claims about activation functions, one module for each thing that a student asks about."""
