"""Everything that can be measured, by name: a job takes the setting and gives results."""

from collections.abc import Callable
from functools import partial

from benchmarks.measure import Result, Setting, measure_workload
from benchmarks.paced import measure_many, measure_paced
from benchmarks.starting import measure_growth, measure_loading, measure_start, measure_vocabulary
from benchmarks.stopping import measure_stop
from benchmarks.testing import measure_testing
from benchmarks.workloads import WORKLOADS

Job = Callable[[Setting], list[Result]]

JOBS: dict[str, Job] = {
    **{workload.name: partial(measure_workload, workload) for workload in WORKLOADS},
    "start": measure_start,
    "memory-growth": measure_growth,
    "stop": measure_stop,
    "loading": measure_loading,
    "vocabulary": measure_vocabulary,
    "testing": measure_testing,
    "paced": measure_paced,
    "paced-many": measure_many,
}
