#!/usr/bin/env python3
"""Measures the whole program from outside, on years of all three simulated providers.

    cargo build --release --locked --examples --bins
    python3 benches/whole.py                     # 1, 5 and 10 years; prints the tables
    python3 benches/whole.py --years 1           # quicker
    python3 benches/whole.py --home 10=DIR       # a home that was filled before, which is copied: no import
    python3 benches/whole.py --program FILE      # another build of the program
    python3 benches/whole.py --save FILE         # keeps the figures; --before FILE puts such beside the new ones
    python3 benches/whole.py --write             # also rewrites the tables in BENCHMARKS.md

Standard library only. Every figure is the median of several runs of the real binary over stdio or as a
command, with the best of them behind it and, for a read, the time that the server had a processor for it,
which the load of the machine does not change. Where there is a floor (the least any program doing the same must
spend) or a peer (`peer.py`), it was measured in the same run. Figures of one
machine are not comparable with those of another; ratios are.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

from budgets import ORDINARY, STATEMENT, report
from driver import (
    ROOT,
    Programs,
    Refused,
    Server,
    World,
    anonymous,
    median_of,
    processor,
    read_only,
    resident,
    run,
    serving,
    spent,
    sql_floor,
    start_up,
    wait_for_kept_days,
)

# What insights look at, as far as a floor goes: what most days have.
DAILY = [
    "day", "total_sleep_time", "deep_sleep_duration", "rem_sleep_duration", "sleep_efficiency", "respiratory_rate",
    "whoop_sleep_score", "oura_sleep_score", "withings_sleep_score", "resting_heart_rate",
    "heart_rate_variability_rmssd", "oxygen_saturation", "skin_temperature", "skin_temperature_deviation",
    "whoop_recovery_score", "oura_readiness_score", "steps", "active_energy", "total_energy", "whoop_day_strain",
    "oura_activity_score", "weight", "body_fat_percentage",
]


def questions(first, today):
    """Each read: the tool, its arguments, and the bare statement that is its floor. `today` is the last day
    that has records, so that a home of last week answers as much."""
    ago = lambda days: (today - datetime.timedelta(days=days)).isoformat()
    now = today.isoformat()
    years = {"start": first.isoformat(), "end": now}
    facts = "SELECT f.day, f.metric, f.value, d.provider FROM facts f JOIN documents d ON d.key = f.document"
    of = lambda metric: f"SELECT day, value, document FROM facts WHERE metric = '{metric}'"
    columns = lambda start: lambda content: facts_of(content.get("columns", DAILY)[1:], start, now)
    return {
        "trend of all years": (
            "analyze", {"method": "trend", "metric": "resting_heart_rate", **years}, of("resting_heart_rate")),
        "baseline of all years": (
            "analyze", {"method": "baseline", "metric": "resting_heart_rate", **years}, of("resting_heart_rate")),
        "correlation of all years": (
            "analyze", {"method": "correlate", "metric": "steps", "other": "total_sleep_time", **years},
            f"{of('steps')} UNION ALL {of('total_sleep_time')}"),
        "one metric of 90 days": (
            "get_daily_summary", {"start": ago(89), "end": now, "metrics": ["resting_heart_rate"]},
            f"{of('resting_heart_rate')} AND day BETWEEN '{ago(89)}' AND '{now}'"),
        "90 days compact": ("get_daily_summary", {"start": ago(89), "end": now}, columns(ago(89))),
        "one full daily summary": (
            "get_daily_summary", {"date": ago(1)}, f"{facts} WHERE d.day = '{ago(1)}'"),
        ORDINARY: (
            "list_records", {"kind": "whoop.sleep", "start": ago(29), "end": now},
            f"SELECT flat FROM documents WHERE provider = 'whoop' AND resource = 'sleep' AND day >= '{ago(29)}'"),
        "insights of 30 days": ("get_insights", {"days": 30}, columns(ago(57))),
        "status": (
            "get_status", {}, "SELECT provider, started_at, finished_at, report FROM sync_runs ORDER BY id DESC LIMIT 3"),
        "a year of heart rate by the hour": (
            "get_series",
            {"metrics": ["heart_rate"], "source": "oura", "start": ago(364), "end": now, "resolution": "1h"}, None),
        STATEMENT: ("query_sql", {"sql": "SELECT 1"}, "SELECT 1"),
    }


def facts_of(metrics, start, end):
    """A window of some metrics, by the index that has them in the order of days."""
    names = ", ".join(f"'{metric}'" for metric in metrics)
    return f"SELECT metric, day, value FROM facts WHERE metric IN ({names}) AND day BETWEEN '{start}' AND '{end}'"


def reads(env, runs):
    """Each read at the client: median and best milliseconds, bytes, and its floor."""
    database = pathlib.Path(env["VITALS_HOME"]) / "vitals.db"
    db = read_only(database)
    first, last = db.execute("SELECT min(day), max(day) FROM documents WHERE removed_at IS NULL").fetchone()
    db.close()
    days = (datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))
    server = serving(env)
    out = {}
    for name, (tool, arguments, floor) in questions(*days).items():
        try:
            content, size, _ = server.call(tool, arguments)
            before = processor(server.process.pid)
            took = median_of(runs, lambda: server.call(tool, arguments)[2])
            out[name] = {"ms": took, "bytes": size}
            if before is not None:
                out[name]["processor"] = (processor(server.process.pid) - before) / runs
        except Refused as refused:
            content, out[name] = {}, {"refused": str(refused)}
        if floor:
            out[name]["floor"] = sql_floor(database, floor(content) if callable(floor) else floor, runs)
    server.close()
    return out


def memory(command, env):
    """Resident and anonymous MiB once the tools have been listed."""
    server = Server(command, env)
    server.initialize()
    server.request("tools/list")
    figures = resident(server.process.pid), anonymous(server.process.pid)
    server.close()
    return figures


def whoop_alone(world, runs):
    """Import and export of WHOOP by itself, with what they are held against."""
    # The floors first: what is forgotten below ends every grant.
    floors = [whoop_floor(world, number) for number in range(runs)]
    env = world.home("whoop-only", ["whoop"])
    times, processors = [], []
    for number in range(runs):
        if number:
            subprocess.run([Programs.program, "forget", "whoop", "--yes"], env=env, check=True, capture_output=True)
            world.sign_in("whoop", env)
        took, _, busy = run(env, ["sync", "whoop"])
        times.append(took)
        processors.append(busy)
    wait_for_kept_days(env)
    exports = [export_all(env) for _ in range(max(runs, 5))]
    peers = [peer(env) for _ in range(max(runs, 5))]
    return {
        "import": statistics.median(times),
        "import best": min(times),
        "import processor": statistics.median(processors),
        "floor": statistics.median(took for took, _ in floors),
        "pages": floors[0][1],
        "export": (statistics.median(one[0] for one in exports), *exports[0][1:3]),
        "export processor": statistics.median(one[3] for one in exports),
        "export best": min(one[0] for one in exports),
        "peer": statistics.median(one for one, _ in peers),
        "peer best": min(one for one, _ in peers),
        "peer processor": statistics.median(busy for _, busy in peers),
    }


def whoop_floor(world, number):
    file = world.scratch / f"floor-{number}.db"
    began = time.perf_counter()
    said = subprocess.run(
        [Programs.floor, "import", world.facts["origins"]["whoop"], world.facts["whoop_access_token"], file],
        check=True,
        capture_output=True,
    ).stdout
    return time.perf_counter() - began, json.loads(said)


def export_all(env):
    """Seconds and highest memory (MiB) of an export of everything as CSV, its megabytes, and seconds of processor."""
    target = pathlib.Path(env["VITALS_HOME"]) / "export"
    shutil.rmtree(target, ignore_errors=True)
    took, highest, busy = run(env, ["export", "all", "--format", "csv", "--to", target])
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    return took, highest, size / 1e6, busy


def peer(env):
    """Seconds of `peer.py` for the same, and of processor; it must write the same rows of records."""
    home = pathlib.Path(env["VITALS_HOME"])
    target = home / "peer"
    shutil.rmtree(target, ignore_errors=True)
    began, before = time.perf_counter(), spent()
    subprocess.run([sys.executable, ROOT / "benches" / "peer.py", home / "vitals.db", target], check=True)
    took, busy = time.perf_counter() - began, spent() - before
    for file in sorted(target.glob("whoop.*.csv")):
        assert file.read_bytes() == (home / "export" / file.name).read_bytes(), f"{file.name} differs"
    return took, busy


def copied(database, scratch):
    """Seconds to put the same rows into the same three tables by bare SQL: the floor of importing everything."""
    target = scratch / "floor-all.db"
    target.unlink(missing_ok=True)
    db = sqlite3.connect(target)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("ATTACH ? AS mirror", [str(database)])
    tables = [
        sql for (sql,) in db.execute(
            "SELECT sql FROM mirror.sqlite_master WHERE type = 'table' AND name IN ('documents', 'facts', 'samples')")
    ]
    began = time.perf_counter()
    for sql in tables:
        db.execute(sql)
    for name in ("documents", "facts", "samples"):
        db.execute(f"INSERT INTO main.{name} SELECT * FROM mirror.{name}")
        db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    took = time.perf_counter() - began
    db.close()
    target.unlink()
    return took


def size_by_provider(database):
    """Bytes of each provider's records, how many samples each has, and the megabytes of the whole file."""
    db = read_only(database)
    records = dict(db.execute("SELECT provider, sum(length(body) + length(flat)) FROM documents GROUP BY provider"))
    samples = dict(
        db.execute("SELECT n.name, count(*) FROM samples s JOIN names n ON n.id = s.source GROUP BY s.source")
    )
    db.close()
    return records, samples, database.stat().st_size / 1e6


def measure(years, home, options):
    world = World(years)
    try:
        result = {"whoop": whoop_alone(world, options.imports)}
        if home:
            env = world.copy_of(home)
            # What an older mirror becomes when it is opened is no part of what is asked of it.
            run(env, ["status"])
        else:
            env = world.home("all", list(world.facts["origins"]))
            result["import"], result["import memory"], result["import processor"] = run(env, ["sync"])
        result["days kept after"] = wait_for_kept_days(env)
        database = pathlib.Path(env["VITALS_HOME"]) / "vitals.db"
        serve = [Programs.program, "serve"]
        result["memory"] = memory(serve, env)
        result["start-up"] = start_up(serve, env)
        result["reads"] = reads(env, options.runs)
        result["size"] = size_by_provider(database)
        if not home:
            result["import floor"] = copied(database, world.scratch)
        if not options.no_export:
            result["export"] = export_all(env)
        return result
    finally:
        world.close()


def floors():
    env = {"PATH": os.environ["PATH"]}
    command = [Programs.floor, "server"]
    return {"memory": memory(command, env), "start-up": start_up(command, env)}


def write(text):
    page = ROOT / "BENCHMARKS.md"
    before, rest = page.read_text().split("<!-- measured -->", 1)
    after = rest.split("<!-- end -->", 1)[1]
    page.write_text(f"{before}<!-- measured -->\n\n{text}\n\n<!-- end -->{after}")


def stamp(load):
    cores = os.cpu_count()
    today = datetime.date.today().isoformat()
    busy = f"load {load[0]:.1f} at its start and {os.getloadavg()[0]:.1f} at its end"
    return f"Measured on {today}, {platform.system()} {platform.machine()}, {cores} cores, {busy}."


def homes(options):
    return {int(years): pathlib.Path(home) for years, home in (one.split("=", 1) for one in options.home)}


def saved(file):
    return {int(years): result for years, result in json.loads(pathlib.Path(file).read_text()).items()} if file else {}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, nargs="+", help="default: those of --home, or 1, 5 and 10")
    parser.add_argument("--home", action="append", default=[], metavar="YEARS=DIR", help="copied, not imported")
    parser.add_argument("--runs", type=int, default=30, help="of each read")
    parser.add_argument("--imports", type=int, default=3, help="of WHOOP alone")
    parser.add_argument("--no-export", action="store_true", help="leave out the export of everything")
    for name in ("program", "floor", "simulate"):
        parser.add_argument(f"--{name}", type=pathlib.Path, default=getattr(Programs, name))
    parser.add_argument("--save", type=pathlib.Path, metavar="FILE", help="keep the figures")
    parser.add_argument("--before", type=pathlib.Path, metavar="FILE", help="kept figures to put beside")
    parser.add_argument("--write", action="store_true", help="put the tables into BENCHMARKS.md")
    options = parser.parse_args()
    for name in ("program", "floor", "simulate"):
        setattr(Programs, name, getattr(options, name))
        if not getattr(options, name).exists():
            parser.error(f"{name} is not built: cargo build --release --locked --bins --examples")
    given, load = homes(options), os.getloadavg()
    all_years = sorted(options.years or given or [1, 5, 10])
    results = {years: measure(years, given.get(years), options) for years in all_years}
    if options.save:
        options.save.write_text(json.dumps(results, indent=1))
    text = f"{stamp(load)}\n\n{report(results, floors(), saved(options.before))}"
    print(text)
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
