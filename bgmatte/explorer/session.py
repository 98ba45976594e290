"""The explorer without its widgets: a view, what it shows, and how it changes. A change that cannot be is refused and nothing has changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bgmatte.explorer.codes import ADDED, CHOSEN, REMOVED
from bgmatte.explorer.exploration import Exploration, Numbers, Rehearsal
from bgmatte.explorer.layers import SIDES, encoded, groups, pictures
from bgmatte.explorer.place import Place
from bgmatte.explorer.shots import Shot, taken
from bgmatte.explorer.view import Painting, View
from bgmatte.explorer.weights import Weights, kernel_of, opened
from bgmatte.jsonable import require

_ANEW = ("picture", "weights", "scale", "kernel")  # what cannot change without matting the picture again


class Session:
    """One person's exploration."""

    def __init__(self, view: View | None = None) -> None:
        self.view = view or View()
        self._shot, self._weights = taken(self.view.picture), opened(self.view.weights, self.view.kernel)
        self._exploration = Exploration(self._shot, self._weights.at(self.view.scale))
        self._layers = pictures(self._exploration, self.view.over)
        self._check(self.view, self._exploration)

    @property
    def shot(self) -> Shot:
        """The picture that is shown."""
        return self._shot

    @property
    def weights(self) -> Weights:
        """The weights that matted it."""
        return self._weights

    @property
    def exploration(self) -> Exploration:
        """What they made of it."""
        return self._exploration

    @property
    def layers(self) -> dict[str, np.ndarray]:
        """The pictures of the panes, see `layers.pictures`."""
        return self._layers

    @property
    def encoded(self) -> dict[str, bytes]:
        """The same as they travel."""
        return encoded(self._layers)

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The rows of panes."""
        return groups(self._exploration, self.view.selectors)

    def change(self, **fields: Any) -> bool:
        """Change fields of the view; True if the pictures changed, not the choice of patches alone.

        Another picture loses what was painted, other weights bring a kernel that they have. Raises `ConfigError`, `MatteError` or
        `CheckpointError` that says what was seen and what is allowed; then everything is as before.
        """
        if fields.get("weights", self.view.weights) != self.view.weights and "kernel" not in fields:
            fields["kernel"] = kernel_of(fields["weights"])
        if fields.get("picture", self.view.picture) != self.view.picture:
            fields = {"painted_first": Painting(), "painted_second": Painting(), "place": Place(), **fields}
        return self.show(replace(self.view, **fields))

    def show(self, view: View) -> bool:
        """Show another view, a saved one for instance; returns and raises as `change`."""
        old = self.view
        anew = {name for name in _ANEW if getattr(view, name) != getattr(old, name)}
        shot = taken(view.picture) if "picture" in anew else self._shot
        weights = opened(view.weights, view.kernel) if anew & {"weights", "kernel"} else self._weights
        exploration = Exploration(shot, weights.at(view.scale)) if anew else self._exploration
        if anew or view.selectors != old.selectors or view.paintings != old.paintings:
            self._check(view, exploration)
        repainted = bool(anew) or view.over != old.over
        layers = pictures(exploration, view.over) if repainted else self._layers
        self.view, self._shot, self._weights, self._exploration, self._layers = view, shot, weights, exploration, layers
        return repainted

    def paint(self, side: str, code: int, cells: list[int]) -> None:
        """Add patches to one side by hand, or take them away (`code` `ADDED` or `REMOVED`), by their index row by row."""
        require(code in (ADDED, REMOVED), "code", code, f"{ADDED} (add), {REMOVED} (take away)")
        painting = self.view.paintings[SIDES.index(side)]
        added, removed = set(painting.added) - set(cells), set(painting.removed) - set(cells)
        (added if code == ADDED else removed).update(cells)
        self._repaint(side, Painting(tuple(sorted(added)), tuple(sorted(removed))))

    def clear(self, side: str) -> None:
        """Take back all that was painted on one side."""
        self._repaint(side, Painting())

    def codes(self, side: str) -> np.ndarray:
        """The state of every patch of one side, uint8 (h, w): chosen by the selector, added or taken away by hand, or none of it."""
        chosen, painting = self._selected(side), self.view.paintings[SIDES.index(side)]
        codes = chosen.to(torch.uint8)
        added, removed = (torch.tensor(cells, dtype=torch.long) for cells in (painting.added, painting.removed))
        codes[added[~chosen[added]]] = ADDED
        codes[removed[chosen[removed]]] = REMOVED
        return codes.view(self._exploration.cells).numpy()

    def refined(self, side: str) -> Tensor:
        """The patches that one side refines, (n,), painted ones among them."""
        codes = torch.from_numpy(self.codes(side)).flatten()
        return (codes == CHOSEN) | (codes == ADDED)

    def numbers(self) -> dict[str, Numbers]:
        """What is refined and what it gives: nowhere, on each side, everywhere."""
        nowhere = torch.zeros(self._exploration.patches, dtype=torch.bool)
        cases = {"none": nowhere, **{side: self.refined(side) for side in SIDES}, "everywhere": ~nowhere}
        return {name: self._exploration.numbers(refined) for name, refined in cases.items()}

    def gradient(self, case: str) -> float | None:
        """The gradient error of one of the cases of `numbers`; this takes a while."""
        whole = torch.full((self._exploration.patches,), case == "everywhere")
        return self._exploration.gradient(self.refined(case) if case in SIDES else whole)

    def rehearsed(self, side: str) -> Rehearsal:
        """The refiner run on one side's patches alone; this takes as long as refining does."""
        return self._exploration.rehearsed(self.refined(side))

    def curves(self) -> Mapping[str, list[tuple[int, float]]]:
        """MAD against budget by every selector that can rank this picture; empty where truth is unknown."""
        return {name: self._exploration.curve(name) for name in self._exploration.selectors} if self._shot.pha is not None else {}

    def _selected(self, side: str) -> Tensor:
        view = self.view
        return self._exploration.chosen(view.selectors[SIDES.index(side)], view.patches, view.threshold)

    def _repaint(self, side: str, painting: Painting) -> None:
        self.view = replace(self.view, painted_first=painting) if side == SIDES[0] else replace(self.view, painted_second=painting)

    @staticmethod
    def _check(view: View, exploration: Exploration) -> None:
        """Raise unless every selector can choose and every painted patch is in the frame."""
        for selector in view.selectors:
            exploration.chosen(selector, 0, view.threshold)
        most = exploration.patches - 1
        for cells in (cells for painting in view.paintings for cells in (painting.added, painting.removed) if cells):
            require(min(cells) >= 0 and max(cells) <= most, "painted patches", (min(cells), max(cells)), f"0 to {most}, the patches of this picture")
