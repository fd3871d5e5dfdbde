"""Plausible bugs in the reference Transformer, each with a claim that has to notice."""

PACKAGE = "dlcheck_transformer"

MUTANTS = [
    (
        "scores not divided by √d_k",
        "scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale",
        "scale = 1.0 if scale is None else scale",
        "scaling.scaled_softmax_stays_spread",
    ),
    (
        "scores divided by d_k",
        "scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale",
        "scale = 1 / q.shape[-1] if scale is None else scale",
        "scaling.scaled_scores_have_variance_one",
    ),
    (
        "scores not divided by √d_k in the fused kernel",
        "q, k, v, is_causal=causal, scale=scale)",
        "q, k, v, is_causal=causal, scale=scale or 1.0)",
        "stacks.heads_are_separate_attentions",
    ),
    (
        "softmax over the queries",
        "return scores.softmax(-1)",
        "return scores.softmax(-2)",
        "attention.weights_are_shares",
    ),
    (
        "causal mask one position too far",
        "device=device).tril()",
        "device=device).tril(1)",
        "masks.causal_mask_shows_exactly_the_past",
    ),
    (
        "causal mask hides the present, too",
        "device=device).tril()",
        "device=device).tril(-1)",
        "attention.agrees_with_the_framework",
    ),
    (
        "causality forgotten beside a padding mask",
        "else mask & causal_mask(T, device)",
        "else mask",
        "masks.masked_decoder_does_not_leak",
    ),
    (
        "the encoder does not tell its layers to be causal",
        "x = layer(x, mask, causal)",
        "x = layer(x, mask)",
        "order.causal_mask_tells_order",
    ),
    (
        "the decoder does not tell its layers to be causal",
        "x = layer(x, memory, mask, memory_mask, causal)",
        "x = layer(x, memory, mask, memory_mask, False)",
        "copying.masked_loss_is_honest",
    ),
    (
        "padding is attended to",
        "(tokens != pad)[:, None, None, :]",
        "(tokens == tokens)[:, None, None, :]",
        "masks.masked_padding_changes_nothing",
    ),
    (
        "the decoder attends to the padding of the source",
        "self.decode(target, self.encode(source), self.mask(source))",
        "self.decode(target, self.encode(source))",
        "masks.masked_padding_changes_nothing",
    ),
    (
        "channels dealt out to the heads in turn",
        "x.view(B, T, self.heads, d_model // self.heads).transpose(1, 2)",
        "x.view(B, T, d_model // self.heads, self.heads).permute(0, 3, 1, 2)",
        "stacks.heads_are_separate_attentions",
    ),
    (
        "heads concatenated without being transposed back",
        "z.transpose(1, 2).flatten(2)",
        "z.reshape(query.shape)",
        "positions.without_positions_order_is_invisible",
    ),
    (
        "keys made with the matrix of the queries",
        "self._split(self.w_k(key)), self._split(self.w_v(value))",
        "self._split(self.w_q(key)), self._split(self.w_v(value))",
        "stacks.queries_keys_values_are_products",
    ),
    (
        "sine and cosine swapped",
        "[angle.sin(), angle.cos()]",
        "[angle.cos(), angle.sin()]",
        "positions.encoding_is_added_to_the_embedding",
    ),
    (
        "no cosines",
        "[angle.sin(), angle.cos()]",
        "[angle.sin(), angle.sin()]",
        "positions.shift_is_a_linear_map",
    ),
    (
        "positions are not added",
        "return x + sinusoidal_encoding(x.shape[-2], x.shape[-1], device=x.device, dtype=x.dtype)",
        "return x",
        "order.word_order_needs_positions",
    ),
    (
        "embeddings not multiplied by √d_model",
        "embedding(tokens) * math.sqrt(self.d_model)",
        "embedding(tokens)",
        "positions.encoding_is_added_to_the_embedding",
    ),
    (
        "no ReLU in the feed-forward network",
        "self.w_2(F.relu(self.w_1(x)))",
        "self.w_2(self.w_1(x))",
        "stacks.feed_forward_is_a_convolution_of_width_1",
    ),
    (
        "what enters the feed-forward network is centred over the positions",
        "self.w_2(F.relu(self.w_1(x)))",
        "self.w_2(F.relu(self.w_1(x - x.mean(-2, keepdim=True))))",
        "stacks.feed_forward_sees_one_position",
    ),
    (
        "the feed-forward network reads the word before",
        "self.w_2(F.relu(self.w_1(x)))",
        "self.w_2(F.relu(self.w_1(x.roll(1, -2))))",
        "stacks.feed_forward_is_the_same_everywhere",
    ),
    (
        "residual connection dropped",
        "self.norm(x + self.dropout(sublayer(x)))",
        "self.norm(self.dropout(sublayer(x)))",
        "stacks.stack_agrees_with_the_framework",
    ),
    (
        "normalised before the sub-layer",
        "if self.norm_first:",
        "if not self.norm_first:",
        "stacks.stack_agrees_with_the_framework",
    ),
    (
        "sub-layers pass no gradient",
        "self.norm(x + self.dropout(sublayer(x)))",
        "self.norm(x + self.dropout(sublayer(x)).detach())",
        "masks.causal_mask_shows_exactly_the_past",
    ),
    (
        "the residual connection passes no gradient",
        "self.norm(x + self.dropout(sublayer(x)))",
        "self.norm(x.detach() + self.dropout(sublayer(x)))",
        "copying.unmasked_decoder_copies",
    ),
    (
        "queries and keys get no gradient",
        "z = attention(q, k, v, mask",
        "z = attention(q.detach(), k.detach(), v, mask",
        "copying.unmasked_decoder_copies",
    ),
    (
        "cross-attention reads the decoder",
        "self.cross_attention(x, memory, mask=memory_mask)",
        "self.cross_attention(x)",
        "stacks.stack_agrees_with_the_framework",
    ),
    (
        "cross-attention left out",
        "        x = self.add_norm_2(x, lambda x: self.cross_attention(x, memory, mask=memory_mask))\n",
        "",
        "translation.learns_to_translate",
    ),
    (
        "greedy decoding reads the answer at the first position",
        "memory_mask)[:, -1].argmax(-1)",
        "memory_mask)[:, 0].argmax(-1)",
        "translation.learns_to_translate",
    ),
    (
        "the matrix of the logits is not the embedding",
        "self.output.weight = self.target_embedding.weight = self.source_embedding.weight",
        "self.target_embedding.weight = self.source_embedding.weight",
        "stacks.base_model_size_by_formula",
    ),
]
"""What the bug is, a part of model.py, what stands there instead, and the claim that turns red."""
