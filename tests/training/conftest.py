"""What tests of training share."""

from collections.abc import Callable, Sequence

import pytest
from torch import Tensor

from bgmatte.phases import PhasePlan
from bgmatte.training import loop, train_phase
from bgmatte.training.checkpoints import read_checkpoint


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[PhasePlan], int], dict[str, Tensor]]:
    """Train a phase and those before it, then the phase again from its beginning, killed in its third step; gives the whole one's weights."""

    def interrupt(plans: Sequence[PhasePlan], index: int) -> dict[str, Tensor]:
        for plan in plans[: index + 1]:
            whole = train_phase(plan)
        expected, _ = read_checkpoint(whole)
        for file in whole.parent.glob(f"{plans[index].key}*"):
            file.unlink()

        def killed(done: int, total: int, label: str) -> None:
            if done == 3:
                raise KeyboardInterrupt

        monkeypatch.setattr(loop, "SAVE_EVERY", -1.0)  # save after every step
        with pytest.raises(KeyboardInterrupt):
            train_phase(plans[index], killed)
        return expected

    return interrupt
