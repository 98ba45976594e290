"""Matte a video, frame by frame: into a video file for each layer, or into folders of PNG."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import repeat

import numpy as np

from bgmatte.inference.job import Job, Outcome, Progress, same_size
from bgmatte.inference.pictures import read_picture, write_png
from bgmatte.inference.places import Places, in_folder, kind, places, protect, whole
from bgmatte.inference.refusals import refusal
from bgmatte.inference.video_files import video_file
from bgmatte.inference.videos import Frame, Video, open_video

BEHIND = "a picture, or a video of at least the same length"
DIGITS = 5  # of a frame's number in a sequence of PNG
Files = Callable[[int], Places]
Write = Callable[[int, Frame, dict[str, np.ndarray]], None]


def matte_video(job: Job, progress: Progress) -> Outcome:
    """Matte the video `job.src` in front of one picture, or of another video of at least its length.

    Raises `MatteError`, before anything is written, for files that do not fit each other, and where decoding fails.
    """
    outcome, video, named = Outcome(), open_video(job.src), in_folder(job.out, "video")
    files = _files(job, video, named)
    wanted = [files(index) for index in range(video.count if named else 1)]
    protect((job.src, job.bgr, *job.reads), (path for layers in wanted for path in layers.values()), job.existing)
    backgrounds = _backgrounds(job, video)
    if job.existing == "skip" and all(map(whole, wanted)):
        return Outcome(kept=video.count)

    with _sequence(files) if named else _video_files(files(0), video, outcome) as write:
        for index, frame in enumerate(video.frames()):
            behind = next(backgrounds, None)
            if behind is None:
                raise refusal(job.bgr, f"ends after {index} frames", f"as many as {job.src} has, or one picture")
            if named and job.existing == "skip" and whole(files(index)):
                outcome.kept += 1
            else:
                write(index, frame, job.results(frame.pixels, behind))
                outcome.done += 1
            progress(index + 1, max(video.count, index + 1), "frames")
    if outcome.done + outcome.kept < video.count:
        outcome.notes.append(f"{job.src}: {outcome.done + outcome.kept} frames could be read of the {video.count} that it announces")
    return outcome


def _files(job: Job, video: Video, named: bool) -> Files:
    """The files of a frame by its number: its own in a folder, the same for all otherwise."""
    digits = max(DIGITS, len(str(video.count)))
    return lambda index: places(job.out, job.layers, f"{index:0{digits}d}" if named else None)


def _backgrounds(job: Job, video: Video) -> Iterator[np.ndarray]:
    """What lies behind each frame; sizes and lengths are compared at once."""
    found = kind(job.bgr, BEHIND)
    if found == "folder":
        raise refusal(job.bgr, "a folder behind a video", BEHIND)
    if found == "picture":
        picture = read_picture(job.bgr)
        same_size(video.size, picture.shape, job.src, job.bgr)
        return repeat(picture)
    behind = open_video(job.bgr)
    same_size(video.size, behind.size, job.src, job.bgr)
    if behind.count < video.count:
        raise refusal(job.bgr, f"{behind.count} frames", f"at least the {video.count} of {job.src}, or one picture if the camera stands still")
    return (frame.pixels for frame in behind.frames())


@contextmanager
def _sequence(files: Files) -> Iterator[Write]:
    def write(index: int, _: Frame, results: dict[str, np.ndarray]) -> None:
        for layer, pixels in results.items():
            write_png(files(index)[layer], pixels)

    yield write


@contextmanager
def _video_files(wanted: Places, video: Video, outcome: Outcome) -> Iterator[Write]:
    with ExitStack() as stack:
        writers = {layer: stack.enter_context(video_file(path, layer, video)) for layer, path in wanted.items()}
        outcome.notes += [
            f"{wanted[layer]}: without the sound of {video.path}: {wanted[layer].suffix} does not take {video.sound}"
            for layer, writer in writers.items()
            if writer.silent
        ]

        def write(_: int, frame: Frame, results: dict[str, np.ndarray]) -> None:
            for layer, pixels in results.items():
                writers[layer].write(pixels, frame)

        yield write
