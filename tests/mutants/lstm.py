"""Plausible bugs in the reference cells, each with a claim that has to notice."""

PACKAGE = "dlcheck_lstm"

MUTANTS = [
    (
        "forget gate swapped with input gate",
        "i, f, g, o = (x + self.hidden(h))",
        "f, i, g, o = (x + self.hidden(h))",
        "cells.lstm_is_a_cell_and_three_gates",
    ),
    (
        "no forget gate, as in 1997",
        "c = f * c + i * g",
        "c = c + i * g",
        "gates.forget_gate_scales_what_is_kept",
    ),
    (
        "input gate not applied",
        "c = f * c + i * g",
        "c = f * c + g",
        "gates.input_gate_scales_what_is_stored",
    ),
    (
        "forget gate applied to what is stored, too",
        "c = f * c + i * g",
        "c = f * (c + i * g)",
        "cells.lstm_is_a_cell_and_three_gates",
    ),
    (
        "gradient detached along the cell state",
        "c = f * c + i * g",
        "c = f * c.detach() + i * g",
        "gradients.open_forget_gate_keeps_the_gradient",
    ),
    (
        "output gate not applied",
        "return o * torch.tanh(c), c",
        "return torch.tanh(c), c",
        "cells.lstm_is_a_cell_and_three_gates",
    ),
    (
        "hidden state carried in place of the cell state",
        "return o * torch.tanh(c), c",
        "return o * torch.tanh(c), o * torch.tanh(c)",
        "gates.forget_gate_scales_what_is_kept",
    ),
    (
        "update gate of the GRU the other way round",
        "return (n + z * (h - n),)",
        "return (h + z * (n - h),)",
        "gradients.open_update_gate_keeps_the_gradient",
    ),
    (
        "reset gate of the GRU left out",
        "n = torch.tanh(x_n + r * h_n)",
        "n = torch.tanh(x_n + h_n)",
        "cells.gru_is_two_gates",
    ),
    (
        "bias of the gate beside the one that was meant",
        "cell.PARTS.index(part) * cell.d",
        "(cell.PARTS.index(part) - 1) * cell.d",
        "gradients.open_forget_gate_keeps_the_gradient",
    ),
    (
        "state after the step before is put out",
        "state = self.step(step, state, forced)\n            hidden.append(state[0])",
        "hidden.append(state[0])\n            state = self.step(step, state, forced)",
        "cells.lstm_is_a_cell_and_three_gates",
    ),
]
"""What the bug is, a part of model.py, what stands there instead, and the claim that turns red."""
