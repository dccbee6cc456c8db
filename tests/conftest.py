"""Torch runs on one thread: on tensors as small as the tests' a second one costs more than it brings."""

import torch

torch.set_num_threads(1)
