"""The kernel of executed notebooks: IPython's, ended by the system when the runner that started it ends."""

from bgmatte.allocator import keep_freed_memory
from bgmatte.workflow.processes import die_with_parent

if __name__ == "__main__":
    die_with_parent()
    keep_freed_memory()

    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()
