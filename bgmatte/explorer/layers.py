"""What the panes show: layers of one exploration as pictures, and which pane shows which of them."""

import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from bgmatte.explorer.exploration import Exploration
from bgmatte.explorer.selection import WORDS
from bgmatte.explorer.shots import resolved
from bgmatte.images import composite, resize
from bgmatte.inference.backdrop import backdrop
from bgmatte.inference.layers import as_tensor, quantised

RAMP, WORST = "magma", 0.5  # colours of errors, alike to all eyes, and the error that is shown brightest
SIDES = ("a", "b")  # the two choices of patches that stand side by side
_PHOTO: dict[str, Any] = {"quality": 88, "method": 0}  # WebP: the fastest; at HD 60 ms
_FLAT: dict[str, Any] = {"lossless": True, "quality": 0, "method": 0}  # alpha is looked at pixel by pixel


def pictures(exploration: Exploration, over: str) -> dict[str, np.ndarray]:
    """Every layer as uint8 (H, W, 3) or (H, W), padded to whole patches; `over` is what composites stand on.

    `src`; `err`: the predicted error; and of the matte nowhere and everywhere refined, `_before` and `_after`: `pha`, `over`
    (composite) and `wrong` (true error). Where truth is unknown, `bgr` and `gain`, what refining changes, stand for the true error.
    Raises `MatteError` where `over` is neither colour nor picture.
    """
    scene = exploration.scene
    height, width = scene.src.shape[2:]
    behind = as_tensor(_behind(over, height, width), scene.src.device)
    found = {"src": scene.src, "err": _coloured(resize(scene.err_sm, (height, width)))}
    for when, matte in (("before", exploration.before), ("after", exploration.after)):
        pha, fgr = matte.split((1, 3), 1)
        found[f"pha_{when}"] = pha
        found[f"over_{when}"] = composite(fgr, behind, pha)
        if exploration.shot.pha is not None:
            found[f"wrong_{when}"] = _coloured(exploration.wrong(matte))
    if exploration.shot.pha is None:
        found["bgr"] = scene.bgr
        found["gain_before"] = _coloured(torch.zeros_like(scene.src[:, :1]))
        found["gain_after"] = _coloured((exploration.after - exploration.before)[:, :1].abs())
    return {name: quantised(layer) for name, layer in found.items()}


def encoded(layers: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    """Each layer as WebP: photographs with little loss, alpha with none."""
    with ThreadPoolExecutor(2) as pool:  # Pillow lets go of the interpreter meanwhile
        return dict(zip(layers, pool.map(_webp, layers.values()), strict=True))


def groups(exploration: Exploration, selectors: tuple[str, str]) -> list[dict[str, Any]]:
    """The rows of panes: one for each of two selectors, then what both begin with."""
    truth, rows = exploration.shot.pha is not None, []
    for side, selector in zip(SIDES, selectors, strict=True):
        wrong = _chosen("True error after", "wrong", side) if truth else _chosen("What refining changes", "gain", side)
        panes = [_marked(side), _chosen("Refined alpha", "pha", side), {**wrong, **_bar()}, _chosen("Composite", "over", side)]
        rows.append({"title": f"{side.upper()} · {WORDS[selector]}", "panes": panes})
    error = {**_plain("True error before", "wrong_before"), **_bar()} if truth else _plain("Captured background", "bgr")
    first = [_plain("Source", "src"), _plain("Coarse alpha", "pha_before"), {**_plain("Predicted error", "err"), **_bar()}, error]
    return [*rows, {"title": "Before refinement", "panes": first}]


def _plain(title: str, layer: str) -> dict[str, Any]:
    return {"name": layer, "title": title, "kind": "plain", "layers": [layer], "alt": title}


def _marked(side: str) -> dict[str, Any]:
    title = "Chosen patches"
    return {
        "name": f"ref:{side}",
        "title": title,
        "kind": "marked",
        "layers": ["src"],
        "mask": side,
        "alt": f"{title} of {side.upper()} over the source",
    }


def _chosen(title: str, layer: str, side: str) -> dict[str, Any]:
    layers = [f"{layer}_before", f"{layer}_after"]
    return {"name": f"{layer}:{side}", "title": title, "kind": "chosen", "layers": layers, "mask": side, "alt": f"{title} of {side.upper()}"}


def _bar() -> dict[str, Any]:
    table = _ramp()
    colours = [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in table[:: len(table) // 8].tolist()]
    return {"ramp": colours, "ends": ["0", f"≥ {WORST:g}"]}


def _behind(over: str, height: int, width: int) -> np.ndarray:
    path = resolved(over)
    return backdrop(str(path) if path.is_file() else over)(height, width)


@cache
def _ramp() -> np.ndarray:
    """The colours of errors from 0 to `WORST`, uint8 (256, 3)."""
    from matplotlib import colormaps

    return (colormaps[RAMP](np.arange(256))[:, :3] * 255).round().astype(np.uint8)


def _coloured(error: Tensor) -> Tensor:
    """(1, 1, H, W) → (1, 3, H, W), 0–1."""
    level = (error[0, 0] / WORST).clamp(0, 1).mul(255).round().long()
    return torch.from_numpy(_ramp())[level].permute(2, 0, 1)[None].float() / 255


def _webp(layer: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(layer).convert("RGB").save(out, "WEBP", **(_FLAT if layer.ndim == 2 else _PHOTO))
    return out.getvalue()
