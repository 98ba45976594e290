"""A network as an ONNX file for pictures of one size, compared with ONNX Runtime before it is kept."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Generator, Tensor

from bgmatte.config import NetworkConfig
from bgmatte.images import resize
from bgmatte.inference.exportable import Exportable
from bgmatte.inference.refusals import MatteError, refusal
from bgmatte.inference.results import result
from bgmatte.jsonable import canonical, require
from bgmatte.network import Matte, MattingNetwork, with_config
from bgmatte.patches import SCORES, Scene

NEEDED = ("onnx", "onnxscript", "onnxruntime")  # packages beside the core
TOLERANCE = 1e-3  # largest difference to the network that a file may have, in 0–1 units
OPSETS = range(18, 24)  # what the exporter writes
INPUTS = ("src", "bgr")


def export(network: MattingNetwork, config: NetworkConfig, out: Path, height: int, width: int, batch: int = 1, opset: int = 18) -> float:
    """Write the network with the choices of `config` to `out`; gives its largest difference to ONNX Runtime, 0–1 units.

    Inputs `src`, `bgr` (batch, 3, height, width), 0–1; outputs are the fields of `Matte`. Raises `MatteError` and leaves
    no file if they differ by more than 1e-3, and `ConfigError` for what cannot be exported.
    """
    absent = [name for name in NEEDED if find_spec(name) is None]
    if absent:
        raise MatteError(f"export needs {', '.join(absent)}, which is not installed; this installs it: pip install {' '.join(absent)}")
    require(out.suffix == ".onnx", "--out", str(out), "a file whose name ends in .onnx")
    require(opset in OPSETS, "--opset", opset, f"{OPSETS[0]} to {OPSETS[-1]}")
    for name, value in (("--height", height), ("--width", width), ("--batch", batch)):
        require(value >= 1, name, value, "1 or more")
    require(config.refine is None or config.refine.selector != "random", "--selector", "random", "a selector without chance: a file has none")
    pair = scene_pair(batch, height, width)
    network = network.eval()
    with result(out) as temporary:
        with _quiet():
            program = torch.onnx.export(
                Exportable(network, config).eval(),
                pair,
                input_names=INPUTS,
                output_names=Matte._fields,
                opset_version=opset,
                dynamo=True,
                verbose=False,
            )
            assert program is not None
            program.model.metadata_props["bgmatte"] = canonical(config)
            program.save(temporary, external_data=False)
        largest = difference(temporary, with_config(network, config), config, pair)
        if not largest <= TOLERANCE:
            raise refusal(out, f"ONNX Runtime differs from the network by {largest:.2g}; the file was not kept", f"at most {TOLERANCE}")
    return largest


def scene_pair(batch: int, height: int, width: int) -> tuple[Tensor, Tensor]:
    """A random source and background, (batch, 3, height, width) each: smooth noise, and another one within an ellipse."""
    generator = Generator().manual_seed(0)
    bgr, other = (resize(torch.rand(batch, 3, 9, 9, generator=generator), (height, width)) for _ in range(2))
    row, column = torch.linspace(-1, 1, height)[:, None], torch.linspace(-1, 1, width)
    src = torch.where(row**2 + 2 * column**2 < 0.6, other, bgr)
    return tuple((x + 0.02 * torch.randn(x.shape, generator=generator)).clamp(0, 1) for x in (src, bgr))  # type: ignore[return-value]


@torch.inference_mode()
def difference(file: Path, network: MattingNetwork, config: NetworkConfig, pair: tuple[Tensor, Tensor]) -> float:
    """The largest difference between an ONNX file and the network, over all outputs.

    Rounding may swap two patches whose scores are all but equal: the network refines the file's patches here, and how
    far the score of a swapped patch lies from the last chosen one counts as a difference too.
    """
    outputs = _run(file, pair)
    plain = network(*pair)
    theirs = outputs[-1]
    if config.refine is None:
        return _largest(plain, outputs)

    scores: list[Tensor] = []

    def given(scene: Scene) -> Tensor:
        scores.append(SCORES[config.refine.selector](scene).float())  # type: ignore[union-attr]
        return theirs

    network.choose = given
    largest = _largest(network(*pair), outputs)
    swapped = plain.ref_sm != theirs
    if not swapped.any():
        return largest
    lowest = scores[0].masked_fill(~plain.ref_sm, float("inf")).amin((1, 2, 3), keepdim=True)
    cut = lowest if config.refine.threshold is None else torch.full_like(lowest, config.refine.threshold)
    return max(largest, float((scores[0] - cut).abs()[swapped].max()))


def _largest(matte: Matte, outputs: list[Tensor]) -> float:
    return max(float((seen.float() - wanted.float()).abs().max()) for seen, wanted in zip(outputs, matte, strict=True))


def _run(file: Path, pair: tuple[Tensor, Tensor]) -> list[Tensor]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return [torch.from_numpy(array) for array in session.run(None, {name: x.numpy() for name, x in zip(INPUTS, pair, strict=True)})]


@contextmanager
def _quiet() -> Iterator[None]:
    """What the exporter says to its own developers is kept from the user."""
    loggers = [logging.getLogger(name) for name in ("onnx_ir", "onnxscript", "torch.onnx")]
    before = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
