"""BERT, as published: the encoder, its two pre-training heads, the masker, and a classifier for fine-tuning.

Sources
    Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
    https://arxiv.org/abs/1810.04805. A section or figure that is cited without a name is of this paper.
    https://github.com/google-research/bert, modeling.py and create_pretraining_data.py, for what the paper leaves
    out: where the normalisations stand and their epsilon, the initial weights, the pooler, the head for words.
    Hendrycks and Gimpel 2016, "Gaussian Error Linear Units", https://arxiv.org/abs/1606.08415.

Axes
    B   sequences in the batch
    T   tokens of a sequence
    H   hidden size; A attention heads; V vocabulary, as in the paper

The layers are those of the Transformer's encoder (`dlcheck_transformer.model`), post-norm, with GELU for ReLU, an
epsilon of 1e-12 in LayerNorm, and dropout on the attention weights too. Positions are learned, not sinusoidal.
Masks are boolean, True where a query may attend.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor, nn

from dlcheck_transformer.model import causal_mask, padding_mask

__all__ = [
    "CLS",
    "FIRST_WORD",
    "MASK",
    "PAD",
    "SEP",
    "UNCHOSEN",
    "UNK",
    "Bert",
    "Classifier",
    "Embeddings",
    "Layer",
    "Masker",
    "PreTraining",
    "SelfAttention",
    "is_special",
    "pack",
    "segment_ids",
]

PAD, UNK, CLS, SEP, MASK = range(5)
FIRST_WORD = 5
"""Special tokens come first, words after them. (The published vocabulary has the same five at other numbers.)"""
UNCHOSEN = -100
"""The label of a token that is not to be predicted: `F.cross_entropy` leaves it out."""
EPSILON = 1e-12


# ---------------------------------------------------------------------------------------------------------------------
# The input, section 3 and Figure 2
# ---------------------------------------------------------------------------------------------------------------------


def pack(first: Int[Tensor, "B A"], second: Int[Tensor, "B C"] | None = None) -> Int[Tensor, "B T"]:
    """[CLS] first [SEP] second [SEP], or [CLS] first [SEP] alone.

    Sentences end where their padding begins; in the result all padding stands at the end.
    """
    column = torch.full_like(first[:, :1], SEP)
    parts = [torch.full_like(column, CLS), first, column]
    if second is not None:
        parts += [second, column]
    tokens = torch.cat(parts, dim=1)
    return tokens.gather(1, (tokens == PAD).long().argsort(dim=1, stable=True))


def segment_ids(tokens: Int[Tensor, "B T"]) -> Int[Tensor, "B T"]:
    """0 up to and with the first [SEP], 1 after it, and 0 for padding."""
    ends = (tokens == SEP).long()
    return ((ends.cumsum(dim=1) > ends) & (tokens != PAD)).long()


def is_special(tokens: Int[Tensor, "*shape"]) -> Bool[Tensor, "*shape"]:
    """[PAD], [UNK], [CLS], [SEP] and [MASK]: tokens that are no words."""
    return tokens < FIRST_WORD


@dataclass(frozen=True)
class Masker:
    """Chooses the tokens to be predicted and hides most of them (section 3.1, Task #1, and appendix A.1).

    vocabulary: V, special tokens included.
    rate: the probability with which each word is chosen; special tokens never are.
    masked, random: the shares of the chosen that become [MASK], and that become a random word; the rest stay.
    """

    vocabulary: int
    rate: float = 0.15
    masked: float = 0.8
    random: float = 0.1

    def __call__(
        self, tokens: Int[Tensor, "*shape"], generator: Generator
    ) -> tuple[Int[Tensor, "*shape"], Int[Tensor, "*shape"]]:
        """The tokens as the model is shown them, and the labels: the true token where chosen, UNCHOSEN elsewhere.

        A random word may be the true one. `tokens` are on the generator's device.
        """
        chosen = (self._uniform(tokens, generator) < self.rate) & ~is_special(tokens)
        fate = self._uniform(tokens, generator)
        words = torch.randint(FIRST_WORD, self.vocabulary, tokens.shape, generator=generator, device=tokens.device)
        shown = torch.where(chosen & (fate < self.masked), MASK, tokens)
        shown = torch.where(chosen & (fate >= self.masked) & (fate < self.masked + self.random), words, shown)
        return shown, tokens.masked_fill(~chosen, UNCHOSEN)

    @staticmethod
    def _uniform(tokens: Tensor, generator: Generator) -> Tensor:
        return torch.rand(tokens.shape, generator=generator, device=tokens.device)


class Embeddings(nn.Module):
    """LayerNorm(word + position + segment), with dropout (section 3, Figure 2)."""

    def __init__(self, vocabulary: int, hidden: int, max_len: int, dropout: float) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, hidden)
        self.positions = nn.Embedding(max_len, hidden)
        self.segments = nn.Embedding(2, hidden)
        self.norm = nn.LayerNorm(hidden, eps=EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Int[Tensor, "B T"], segments: Int[Tensor, "B T"]) -> Float[Tensor, "B T H"]:
        """Raises ValueError for more tokens than there are positions."""
        T, max_len = tokens.shape[1], self.positions.num_embeddings
        if max_len < T:
            raise ValueError(f"expected at most {max_len} tokens (max_len of the learned positions), got {T}")
        x = self.words(tokens) + self.positions.weight[:T] + self.segments(segments)
        out: Tensor = self.dropout(self.norm(x))
        return out


# ---------------------------------------------------------------------------------------------------------------------
# The encoder, section 3
# ---------------------------------------------------------------------------------------------------------------------


class SelfAttention(nn.Module):
    """`heads` attentions side by side; queries, keys and values of all come from one matrix product.

    Raises ValueError unless `heads` divides `hidden`.
    """

    def __init__(self, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        if heads < 1 or hidden % heads:
            raise ValueError(f"expected hidden to be a multiple of heads, got hidden = {hidden}, heads = {heads}")
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.output = nn.Linear(hidden, hidden)

    def forward(self, x: Float[Tensor, "B T H"], mask: Bool[Tensor, "#B 1 #T T"]) -> Float[Tensor, "B T H"]:
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # (B, A, T, H / A) each
        dropout = self.dropout if self.training else 0.0
        z = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout)
        out: Tensor = self.output(z.transpose(1, 2).flatten(2))
        return out


class Layer(nn.Module):
    """Self-attention, then a feed-forward network with GELU; each with dropout, added to its input, and normalised."""

    def __init__(self, hidden: int, heads: int, d_ff: int, dropout: float) -> None:
        super().__init__()
        self.attention = SelfAttention(hidden, heads, dropout)
        self.norm_1 = nn.LayerNorm(hidden, eps=EPSILON)
        self.w_1 = nn.Linear(hidden, d_ff)
        self.w_2 = nn.Linear(d_ff, hidden)
        self.norm_2 = nn.LayerNorm(hidden, eps=EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Float[Tensor, "B T H"], mask: Bool[Tensor, "#B 1 #T T"]) -> Float[Tensor, "B T H"]:
        x = self.norm_1(x + self.dropout(self.attention(x, mask)))
        out: Tensor = self.norm_2(x + self.dropout(self.w_2(F.gelu(self.w_1(x)))))
        return out


class Bert(nn.Module):
    """From tokens to one vector for each (defaults: base; large has hidden 1024, layers 24, heads 16).

    hidden, layers, heads
        H, L and A of the paper; the feed-forward networks are 4 H wide.
    max_len
        The number of positions, and so the longest sequence.
    causal
        True lets no token attend to a later one: a left-to-right model, for experiments only.
    std
        Of the initial weights; the published 0.02 is meant for widths about 768.
    """

    def __init__(
        self,
        vocabulary: int = 30_522,
        *,
        hidden: int = 768,
        layers: int = 12,
        heads: int = 12,
        max_len: int = 512,
        dropout: float = 0.1,
        causal: bool = False,
        std: float = 0.02,
    ) -> None:
        super().__init__()
        self.causal = causal
        self.std = std
        self.embeddings = Embeddings(vocabulary, hidden, max_len, dropout)
        self.layers = nn.ModuleList(Layer(hidden, heads, 4 * hidden, dropout) for _ in range(layers))
        self.pooler = nn.Linear(hidden, hidden)
        _start(self, std)

    def forward(self, tokens: Int[Tensor, "B T"], segments: Int[Tensor, "B T"] | None = None) -> Float[Tensor, "B T H"]:
        """`segments` are `segment_ids(tokens)` unless given. Padding is attended to by no token."""
        return self.encode(self.embeddings(tokens, segment_ids(tokens) if segments is None else segments), tokens)

    def encode(self, x: Float[Tensor, "B T H"], tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T H"]:
        """The layers' work on embedded tokens; `tokens` tell where the padding is."""
        mask = padding_mask(tokens, PAD)
        if self.causal:
            mask = mask & causal_mask(tokens.shape[1], tokens.device)
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def pool(self, hidden: Float[Tensor, "B T H"]) -> Float[Tensor, "B H"]:
        """What the whole sequence amounts to: tanh of a linear layer on the vector of [CLS], at position 0."""
        pooled: Tensor = self.pooler(hidden[:, 0]).tanh()
        return pooled


# ---------------------------------------------------------------------------------------------------------------------
# Pre-training and fine-tuning, sections 3.1 and 3.2
# ---------------------------------------------------------------------------------------------------------------------


class PreTraining(nn.Module):
    """BERT with its two heads: which word stood here, and does the second sentence follow the first?"""

    def __init__(self, bert: Bert) -> None:
        super().__init__()
        words = bert.embeddings.words
        self.bert = bert
        self.transform = nn.Linear(words.embedding_dim, words.embedding_dim)
        self.norm = nn.LayerNorm(words.embedding_dim, eps=EPSILON)
        self.bias = nn.Parameter(torch.zeros(words.num_embeddings))
        self.follows = nn.Linear(words.embedding_dim, 2)
        for layer in (self.transform, self.follows):
            _start(layer, bert.std)

    def forward(
        self, tokens: Int[Tensor, "B T"], segments: Int[Tensor, "B T"] | None = None
    ) -> tuple[Float[Tensor, "B T V"], Float[Tensor, "B 2"]]:
        """The logits of `mlm` and of `nsp`."""
        hidden = self.bert(tokens, segments)
        return self.mlm(hidden), self.nsp(hidden)

    def mlm(self, hidden: Float[Tensor, "*batch H"]) -> Float[Tensor, "*batch V"]:
        """Logits of the word that stood at each position; the output matrix is that of the embeddings."""
        x = self.norm(F.gelu(self.transform(hidden)))
        return F.linear(x, self.bert.embeddings.words.weight, self.bias)

    def nsp(self, hidden: Float[Tensor, "B T H"]) -> Float[Tensor, "B 2"]:
        """Logits of "the second sentence is a random one" (0) and of "it follows the first" (1)."""
        logits: Tensor = self.follows(self.bert.pool(hidden))
        return logits


class Classifier(nn.Module):
    """BERT and one new layer on the pooled [CLS], all of it to be fine-tuned (section 4.1)."""

    def __init__(self, bert: Bert, classes: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.bert = bert
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(bert.pooler.out_features, classes)
        _start(self.output, bert.std)

    def forward(
        self, tokens: Int[Tensor, "B T"], segments: Int[Tensor, "B T"] | None = None
    ) -> Float[Tensor, "B classes"]:
        logits: Tensor = self.output(self.dropout(self.bert.pool(self.bert(tokens, segments))))
        return logits


def _start(module: nn.Module, std: float) -> None:
    """Normal weights and biases of zero. (Google's code cuts the normal distribution off at two deviations.)"""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Embedding):
            nn.init.normal_(layer.weight, std=std)
        if isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.bias)
