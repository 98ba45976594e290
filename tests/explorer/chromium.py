"""Where a Chromium is, for the tests that need a browser."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
ABSENT = f"no browser: none of {', '.join(NAMES)} is on the path, and $BGMATTE_CHROMIUM names none"


def chromium() -> str | None:
    """The path of the Chromium that `$BGMATTE_CHROMIUM` names or of the first of `NAMES` on the path; none where there is none."""
    return next((found for name in (os.environ.get("BGMATTE_CHROMIUM"), *NAMES) if name and (found := shutil.which(name))), None)
