"""The quiz: questions written as YAML, answered by a person, graded by what the reference model shows."""
