"""The explorer and the sparsity lab as an application for a class: a visitor needs a browser, and no notebook."""

from cartoonx_widgets.serving.server import serve

__all__ = ["serve"]
