"""Many photographs, many methods, any number of seeds: explained, scored and kept, on one machine or on many.

>>> import cartoonx_widgets as cx
>>> results = cx.study("photographs/", methods=["waveletx_interactive", "pixel_mask"])  # doctest: +SKIP
"""

from cartoonx_widgets.studies.plan import StudyError
from cartoonx_widgets.studies.results import Results
from cartoonx_widgets.studies.study import study

__all__ = ["Results", "StudyError", "study"]
