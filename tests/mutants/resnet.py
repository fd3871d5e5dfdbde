"""Plausible bugs in the reference residual networks, each with a claim that has to notice."""

PACKAGE = "dlcheck_resnet"

MUTANTS = [
    (
        "the skip is left out",
        "return out if self.shortcut is None else out + self.shortcut(x)",
        "return out",
        "blocks.skip_adds_the_input",
    ),
    (
        "the input is added after the last ReLU",
        "return F.relu(self.add(x))",
        "return F.relu(self.residual(x)) + (0 if self.shortcut is None else self.shortcut(x))",
        "blocks.skip_adds_the_input",
    ),
    (
        "the skip passes no gradient",
        "else out + self.shortcut(x)",
        "else out + self.shortcut(x).detach()",
        "blocks.gradient_passes_every_block",
    ),
    (
        "the sum is halved",
        "else out + self.shortcut(x)",
        "else (out + self.shortcut(x)) / 2",
        "blocks.silent_blocks_are_the_identity",
    ),
    (
        "a ReLU before the addition",
        "        out: Tensor = self.residual(x)",
        "        out: Tensor = F.relu(self.residual(x))",
        "blocks.skip_adds_the_input",
    ),
    (
        "a projection where the shape does not change",
        "(stride > 1 or d_in != d_out)",
        "(stride > 1 or d_in <= d_out)",
        "published.resnet_50_has_its_parameters",
    ),
    (
        "biases beside batch normalisation",
        "padding=kernel // 2, bias=not norm",
        "padding=kernel // 2, bias=True",
        "published.resnet_18_has_its_parameters",
    ),
    (
        "the stride is taken by the 3x3 convolution of the bottleneck",
        "            *_conv_norm(d_in, width, 1, stride, norm),\n            nn.ReLU(),\n"
        "            *_conv_norm(width, width, 3, 1, norm),\n            nn.ReLU(),",
        "            *_conv_norm(d_in, width, 1, 1, norm),\n            nn.ReLU(),\n"
        "            *_conv_norm(width, width, 3, stride, norm),\n            nn.ReLU(),",
        "published.resnet_50_costs_its_operations",
    ),
    (
        "a ReLU of the bottleneck forgotten",
        "            *_conv_norm(d_in, width, 1, stride, norm),\n            nn.ReLU(),\n"
        "            *_conv_norm(width, width, 3, 1, norm),\n            nn.ReLU(),",
        "            *_conv_norm(d_in, width, 1, stride, norm),\n            nn.ReLU(),\n"
        "            *_conv_norm(width, width, 3, 1, norm),",
        "bottlenecks.bottleneck_adds_nonlinearity",
    ),
    (
        "He's variance without its factor of 2",
        "math.sqrt(2 / module.weight[0].numel())",
        "math.sqrt(1 / module.weight[0].numel())",
        "gradients.skips_prevent_explosion",
    ),
]
