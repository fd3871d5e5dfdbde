"""The transformer topic: self-attention, positions, masks, encoder and decoder stacks."""
