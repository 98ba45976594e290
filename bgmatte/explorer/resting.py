"""What is worked out when the hand rests: numbers that take longer than a move of a slider may."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bgmatte.explorer.exploration import Rehearsal
from bgmatte.explorer.layers import SIDES
from bgmatte.explorer.session import Session

REST = 0.25  # [s] without a move, after which the slow numbers are worked out


class Handle(Protocol):
    """Something that was put off."""

    def cancel(self) -> None:
        """Do not do it."""


Later = Callable[[float, Callable[[], None]], Handle]


def on_the_loop(seconds: float, call: Callable[[], None]) -> Handle:
    """Put a call off without keeping the kernel from answering meanwhile."""
    return asyncio.get_running_loop().call_later(seconds, call)


@dataclass
class Slow:
    """Gradient errors by case, and rehearsals by side, as far as they are known."""

    gradients: dict[str, float | None] = field(default_factory=dict)
    rehearsals: dict[str, Rehearsal] = field(default_factory=dict)

    def forget_sides(self) -> None:
        """Other patches were chosen; what holds for none and for all of them stays."""
        for side in SIDES:
            self.gradients.pop(side, None)
            self.rehearsals.pop(side, None)

    def work(self, session: Session) -> bool:
        """Work out the next thing, one alone so that a hand that moves meanwhile waits for no more; False if all is known."""
        side = next((side for side in SIDES if side not in self.rehearsals), None)
        case = next((case for case in (*SIDES, "none", "everywhere") if case not in self.gradients), None)
        if side:
            self.rehearsals[side] = session.rehearsed(side)
        elif case and session.shot.pha is not None:
            self.gradients[case] = session.gradient(case)
        else:
            return False
        return True
