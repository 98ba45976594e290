"""Where the numbers come from: commit, versions, machine, seeds, and the hashes of data, weights and records."""

from bgmatte.cache import data_key
from bgmatte.manifest import manifest_digest
from bgmatte.manifest import names as manifests
from bgmatte.phases import BACKGROUNDS, PHOTOGRAPHS, STAND_INS, roles
from bgmatte.records import RunRecord
from bgmatte.reporting.about.setting import seeds_told
from bgmatte.reporting.blocks import Block, Cell, Facts, Prose, Table
from bgmatte.reporting.measures import duration
from bgmatte.reporting.study import MAIN, Study
from bgmatte.sources import PUBLISHED, SCENERY, source_of
from bgmatte.variants import KEY, VARIANTS

_SHOWN = 16  # digits of a SHA-256 that are printed


def provenance(study: Study) -> tuple[Block, ...]:
    """The facts, then the hashes of data, then those of every run."""
    machine = study.any_run().story.get("machine", {})
    versions = {name: value for name, value in machine.items() if name not in ("commit", "machine", "system")}
    finished = sorted(str(record.story.get("finished", "")) for record in _records(study))
    items = (
        ("Commit", "; ".join(study.commits)),
        ("Commit of the timing", str(study.timing.get("machine", {}).get("commit", ""))),
        ("Machine", _told(study, "machine")),
        ("System", _told(study, "system")),
        ("Accelerator of the timing", str(study.timing.get("accelerator") or "none") if study.timing else ""),
        ("Versions", ", ".join(f"{name} {value}" for name, value in versions.items())),
        ("Training seeds", seeds_told(study)),
        ("Seed of the data", str(study.any_run().config.data.seed)),
        ("Seed of the test compositions", str(study.any_run().config.test.seed)),
        ("Runs finished", " to ".join(dict.fromkeys((finished[0], finished[-1]))) if finished[-1] else ""),
        ("Wall time", duration(study.stages["wall_seconds"]) + " up to this report" if study.stages.get("wall_seconds") else ""),
    )
    words = (
        "A record is refused when any of its files differs from the hash in its run.json. A checkpoint’s key is a hash of everything that decides "
        "it: network, data, seed, recipe so far, and the code that trains. The keys of drawn data are those of the code that wrote this page; "
        "they equal the study’s unless that code has changed since the commit above."
    )
    return (
        Facts("Who computed this, with what", tuple(item for item in items if item[1])),
        Prose((words,)),
        _data(study),
        _runs(study),
    )


def _data(study: Study) -> Table:
    run = study.any_run().config
    shown = [name for name in study.any_run().story.get("held_out", {}).get("pictures", {MAIN: 0}) if name in manifests()]
    lines = [(f"{name}", "held-out pictures", "manifest, SHA-256", manifest_digest(name)) for name in shown]
    lines.append((PHOTOGRAPHS, "photographed backgrounds", "manifest, SHA-256", manifest_digest(PHOTOGRAPHS)))
    for role in roles(run):
        if source_of(run, role) is None:
            lines.append((STAND_INS[role], "drawn training subjects", "key of settings and code", data_key(STAND_INS[role], run.data)))
    if source_of(run, SCENERY) is None:
        lines.append((BACKGROUNDS, "drawn backgrounds", "key of settings and code", data_key(BACKGROUNDS, run.data)))
    real = [source for source in run.sources if source.name in PUBLISHED.values()]
    lines += [(source.name, "brought by the user", "digest of its index", source.digest) for source in real]
    starts = {(str(start["file"]), str(start["sha256"])) for start in _starts(study) if start.get("file")}
    lines += [(file, "starting weights", "SHA-256", digest) for file, digest in sorted(starts)]
    rows = tuple(
        (Cell(name), Cell(what), Cell(kind), Cell(digest[:_SHOWN], ("…",) if len(digest) > _SHOWN else ())) for name, what, kind, digest in lines
    )
    return Table("Hashes of data and weights", (("name", ""), ("what it is", ""), ("kind of hash", ""), ("hash", f"first {_SHOWN} digits")), rows)


def _runs(study: Study) -> Table:
    rows = []
    for row, records in study.runs.items():
        for record in records:
            phases = record.story.get("phases", [])
            key = str(phases[-1]["key"]) if phases and VARIANTS[row].trained else ""
            numbers = str(record.story.get("files", {}).get("images.csv", ""))
            rows.append((Cell(row), Cell(str(record.config.seed), value=record.config.seed), Cell(key), Cell(numbers[:_SHOWN])))
    columns = (
        ("row", ""),
        ("seed", ""),
        ("checkpoint", "key of its last phase"),
        ("images.csv", f"first {_SHOWN} digits of its SHA-256"),
    )
    return Table("Every run, by what was trained and what was measured", columns, tuple(rows))


def _records(study: Study) -> list[RunRecord]:
    return [record for records in study.runs.values() for record in records]


def _starts(study: Study) -> list[dict[str, object]]:
    return [record.story["start"] for row, records in study.runs.items() if row != KEY for record in records if record.story.get("start")]


def _told(study: Study, name: str) -> str:
    return "; ".join(sorted({str(record.story.get("machine", {}).get(name, "unknown")) for record in _records(study)}))
