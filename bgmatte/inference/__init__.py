"""The network at work on a user's own pictures and videos, and its export to ONNX. Nothing here trains or judges."""

from bgmatte.inference.job import Job, Outcome, Progress
from bgmatte.inference.matting import Matter
from bgmatte.inference.picture_job import matte_pictures
from bgmatte.inference.places import kind
from bgmatte.inference.settings import Settings
from bgmatte.inference.video_job import matte_video

__all__ = ["Job", "Matter", "Outcome", "Settings", "matte_pictures", "matte_video", "run"]


def run(job: Job, progress: Progress) -> Outcome:
    """Do a job, whatever its source is; raises `MatteError` for what concerns all of it."""
    return matte_video(job, progress) if kind(job.src) == "video" else matte_pictures(job, progress)
