"""What a notebook shows: the explorer, and the page code that draws it with Plotly."""
