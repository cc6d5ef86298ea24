"""Where a value comes from, through the whole project.

`Flow(project).back(module, index)` walks backwards from one value: assignments, containers, data-frame columns, fields of `self`,
parameters and results of functions (matched call and return), and files, tables and other artifacts from the place that reads them
to what the writers wrote. It is driven by demand: only what a question needs is walked, so a scan that asks nothing pays nothing.

The answer is a `Slice`: nodes in the order of their distance, each with the way that leads to it from the start.
"""

from mldebt.project.flow.model import Demand, Hop, Node
from mldebt.project.flow.slices import Flow, Slice

__all__ = ["Demand", "Flow", "Hop", "Node", "Slice"]
