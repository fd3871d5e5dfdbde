"""What runs inside the sandbox, next to a student's code. It imports nothing else of dlcheck: nothing else is there."""
