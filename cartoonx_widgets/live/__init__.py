"""Runs that can be watched: one worker thread, the tasks it runs, and the pace of their frames. Without Jupyter."""

from cartoonx_widgets.live.engine import Engine, Listener
from cartoonx_widgets.live.pacing import Pacer
from cartoonx_widgets.live.task_state import TaskState
from cartoonx_widgets.live.tasks import HeatMapTask, MaskTask, Snapshot, Task

__all__ = ["Engine", "HeatMapTask", "Listener", "MaskTask", "Pacer", "Snapshot", "Task", "TaskState"]
