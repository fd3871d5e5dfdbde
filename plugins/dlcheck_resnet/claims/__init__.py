"""The claims about residual networks, one module for each thing that a student asks about."""
