"""A study of four jobs that does no science, run by the real engine: `python toy.py FOLDER [SECONDS]`.

`second` needs `first`; `side` fails while a file `break` is in the folder; `last` needs `second` and `side`. `second`
takes SECONDS and says in which process it runs.
"""

import signal
import sys
from pathlib import Path

from bgmatte.profiles import run_config
from bgmatte.workflow import engine, repair, study
from bgmatte.workflow.graph import Job, Study
from bgmatte.workflow.processes import only_one

JOBS = (
    Job("run", "toy", "first job", ("first.txt",)),
    Job("run", "toy", "second job", ("second.txt",), ("first.txt",)),
    Job("run", "toy", "side job", ("side.txt",)),
    Job("report", "toy", "last job", ("last.txt",), ("second.txt", "side.txt")),
)
RULES = """
rule all:
    input: "first.txt", "second.txt", "side.txt", "last.txt"
rule first:
    output: "first.txt"
    log: "logs/first.log"
    shell: "exec bash -c 'echo one > {output}' > {log} 2>&1"
rule second:
    input: "first.txt"
    output: "second.txt"
    log: "logs/second.log"
    params: seconds=config["seconds"]
    shell: "exec $BGMATTE_PYTHON ../toy_job.py {output} {params.seconds} > {log} 2>&1"
rule side:
    output: "side.txt"
    log: "logs/side.log"
    shell: "exec bash -c 'if test -e break; then echo the reason; exit 3; fi; echo two > {output}' > {log} 2>&1"
rule last:
    input: "second.txt", "side.txt"
    output: "last.txt"
    log: "logs/last.log"
    shell: "exec bash -c 'cat {input} > {output}' > {log} 2>&1"
"""
JOB = """
import os, sys, time
from pathlib import Path
from bgmatte.workflow.processes import die_with_parent
die_with_parent()
Path("pid").write_text(str(os.getpid()))
out = Path(sys.argv[1])
out.write_text("half")
time.sleep(float(sys.argv[2]))
out.write_text("whole")
"""


def call(folder: Path, seconds: float = 0.0) -> study.Call:
    """One call of the study command over the toy graph; writes its rules beside `folder`."""
    folder.mkdir(exist_ok=True)
    rules = folder.parent / "Snakefile"
    rules.write_text(RULES)
    (folder.parent / "toy_job.py").write_text(JOB)
    toy = Study("smoke", (run_config("smoke", "difference-key"),), (), {job.outputs[0]: job for job in JOBS}, False)
    return study.Call(toy, folder, {"only": [], "seconds": seconds}, 2, engine.where("local", 2), rules)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born deaf to it
    repair.repair = lambda _: []
    place = Path(sys.argv[1])
    with only_one(place / ".engine" / "lock", "a toy"):
        sys.exit(call(place, float(sys.argv[2])).run(False))
