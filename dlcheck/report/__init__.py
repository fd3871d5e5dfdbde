"""How results are told: on a terminal, as plain lines, as a summary, as JSON. Nothing here decides anything."""
