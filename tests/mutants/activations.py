"""Plausible bugs in the reference activations and nets, each with a claim that has to notice."""

PACKAGE = "dlcheck_activations"

MUTANTS = [
    (
        "sigmoid is not mirrored below 0",
        "below / (1 + below))",
        "1 / (1 + below))",
        "sigmoids.sigmoid_is_differentiable",
    ),
    (
        "tanh is sigmoid times two minus one, as the note writes it",
        "torch.expm1(-2 * x.clamp(min=0)), torch.expm1(2 * x.clamp(max=0))",
        "torch.expm1(-x.clamp(min=0)), torch.expm1(x.clamp(max=0))",
        "tanhs.tanh_is_twice_sigmoid_of_twice_the_argument",
    ),
    (
        "ReLU leaks",
        "torch.where(x > 0, x, 0.0)",
        "torch.where(x > 0, x, 0.01 * x)",
        "rectifiers.relu_is_zero_or_its_input",
    ),
    (
        "the gradient of ReLU passes where its output is 0",
        "torch.where(x > 0, x, 0.0)",
        "x + (torch.where(x > 0, x, 0.0) - x).detach()",
        "dying.dead_unit_is_not_trained",
    ),
    (
        "the slope of Leaky ReLU is applied twice",
        "torch.where(x > 0, x, slope * x)",
        "torch.where(x > 0, x, slope * slope * x)",
        "dying.leak_passes_its_share_of_the_gradient",
    ),
    (
        "He's initialisation without its factor of 2",
        'variance = 2 / fan_in if init == "he"',
        'variance = 1 / fan_in if init == "he"',
        "depth.relu_with_he_weights_keeps_the_gradient",
    ),
    (
        "variance taken for a standard deviation",
        "layer.weight.normal_(0.0, variance**0.5)",
        "layer.weight.normal_(0.0, variance)",
        "depth.relu_with_he_weights_keeps_the_gradient",
    ),
    (
        "activations left out between the layers",
        "x = self.activation(layer(x))",
        "x = layer(x)",
        "depth.sigmoid_gradient_vanishes_with_depth",
    ),
    (
        "gradient detached between the layers",
        "x = self.activation(layer(x))",
        "x = self.activation(layer(x.detach()))",
        "depth.relu_with_he_weights_keeps_the_gradient",
    ),
    (
        "gain forgotten",
        "layer.weight.mul_(gain)",
        "layer.weight.mul_(1.0)",
        "explosions.relu_activations_explode_under_large_weights",
    ),
    (
        "the LSTM's output is always squashed by tanh",
        "* self.squash(c), c",
        "* torch.tanh(c), c",
        "cells.tanh_bounds_the_state_of_an_lstm",
    ),
]
"""What the bug is, a part of model.py, what stands there instead, and the claim that turns red."""
