"""The claims about BERT, one module for each thing that a student asks about."""
