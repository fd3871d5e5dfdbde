"""Plausible bugs in the reference BERT, each with a claim that has to notice."""

PACKAGE = "dlcheck_bert"

MUTANTS = [
    (
        "masker that masks special tokens",
        "(self._uniform(tokens, generator) < self.rate) & ~is_special(tokens)",
        "self._uniform(tokens, generator) < self.rate",
        "masker.special_tokens_are_never_chosen",
    ),
    (
        "every chosen word becomes [MASK]",
        "shown = torch.where(chosen & (fate < self.masked), MASK, tokens)",
        "shown = torch.where(chosen, MASK, tokens)",
        "masker.four_fifths_of_the_chosen_become_mask",
    ),
    (
        "no word stays: what is not masked is random",
        "(fate >= self.masked) & (fate < self.masked + self.random)",
        "(fate >= self.masked)",
        "masker.a_tenth_of_the_chosen_stay",
    ),
    (
        "the share that is masked taken of all words",
        "(self._uniform(tokens, generator) < self.rate)",
        "(self._uniform(tokens, generator) < self.rate * self.masked)",
        "masker.fifteen_percent_are_chosen",
    ),
    (
        "labels shifted by one",
        "return shown, tokens.masked_fill(~chosen, UNCHOSEN)",
        "return shown, tokens.masked_fill(~chosen, UNCHOSEN).roll(1, -1)",
        "masker.special_tokens_are_never_chosen",
    ),
    (
        "left-to-right attention",
        "if self.causal:",
        "if True:",
        "encoder.every_token_sees_both_sides",
    ),
    (
        "ReLU for GELU",
        "F.gelu(self.w_1(x))",
        "F.relu(self.w_1(x))",
        "encoder.encoder_is_that_of_the_transformer",
    ),
    (
        "normalised before the sub-layer",
        "x = self.norm_1(x + self.dropout(self.attention(x, mask)))",
        "x = x + self.dropout(self.attention(self.norm_1(x), mask))",
        "encoder.encoder_is_that_of_the_transformer",
    ),
    (
        "padding is attended to",
        "mask = padding_mask(tokens, PAD)",
        "mask = padding_mask(tokens, -1)",
        "encoder.encoder_is_that_of_the_transformer",
    ),
    (
        "segments are not added",
        " + self.segments(segments)",
        "",
        "encoder.input_is_the_sum_of_three_embeddings",
    ),
    (
        "the segment switches at [SEP], not behind it",
        "(ends.cumsum(dim=1) > ends)",
        "(ends.cumsum(dim=1) > 0)",
        "special_tokens.segments_switch_at_sep",
    ),
    (
        "pooled from the last position",
        "self.pooler(hidden[:, 0])",
        "self.pooler(hidden[:, -1])",
        "special_tokens.judgement_is_read_from_cls",
    ),
    (
        "feed-forward networks of twice the width",
        "Layer(hidden, heads, 4 * hidden, dropout)",
        "Layer(hidden, heads, 2 * hidden, dropout)",
        "encoder.base_has_110_million_parameters",
    ),
]
"""What the bug is, a part of model.py, what stands there instead, and the claim that turns red."""
