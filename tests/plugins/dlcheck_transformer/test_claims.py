"""What the claims rest on."""

from torch import nn

from dlcheck_transformer import model


def test_arms_of_the_timing_have_equal_size() -> None:
    """Block and LSTM differ by at most 3 % in parameters, at both widths that are timed."""
    for width in (16, 256):
        block, lstm = model.EncoderLayer(width, width // 16, 2 * width), nn.LSTM(width, width)
        ours, theirs = (sum(p.numel() for p in m.parameters()) for m in (block, lstm))
        assert abs(ours / theirs - 1) <= 0.03
