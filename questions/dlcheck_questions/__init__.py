"""Question banks of the bundled topics, one YAML file per topic."""
