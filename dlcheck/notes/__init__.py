"""Study notes: what the five notes behind dlcheck say, what came of it, and the same for a user's own."""
