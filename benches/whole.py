#!/usr/bin/env python3
"""Measures the whole program from outside, on years of all three simulated providers.

    cargo build --release --locked --examples --bins
    python3 benches/whole.py                 # 1, 5 and 10 years; prints the tables
    python3 benches/whole.py --years 1       # quicker
    python3 benches/whole.py --write         # also rewrites the tables in BENCHMARKS.md

Standard library only. Every figure is the median of several runs of the real binary over stdio or as a
command, and where there is a floor (the least any program doing the same must spend) it stands beside it.
Figures of one machine are not comparable with those of another; ratios are.
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
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = ROOT / "target" / "release"
PROGRAM = RELEASE / "vitals-mcp"
FLOOR = RELEASE / "examples" / "floor"
SIMULATE = RELEASE / "examples" / "simulate"

INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "0"},
}


class Server:
    """A server on stdio, spoken to as a client would."""

    def __init__(self, command, env):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        self.next_id = 0

    def request(self, method, params=None):
        """The result, the size of the answer in bytes, and the seconds it took."""
        self.next_id += 1
        message = {"jsonrpc": "2.0", "id": self.next_id, "method": method}
        if params is not None:
            message["params"] = params
        line = json.dumps(message).encode() + b"\n"
        began = time.perf_counter()
        self.process.stdin.write(line)
        self.process.stdin.flush()
        while True:
            answer = self.process.stdout.readline()
            took = time.perf_counter() - began
            parsed = json.loads(answer)
            if parsed.get("id") == self.next_id:
                return parsed["result"], len(answer), took

    def initialize(self):
        self.request("initialize", INITIALIZE)
        self.process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        self.process.stdin.flush()

    def call(self, tool, arguments):
        result, size, took = self.request("tools/call", {"name": tool, "arguments": arguments})
        assert not result.get("isError"), (tool, result)
        size = len(json.dumps(result["structuredContent"], separators=(",", ":"), ensure_ascii=False).encode())
        return result["structuredContent"], size, took

    def resident(self):
        return resident(self.process.pid)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def resident(pid):
    """Resident memory in MiB, or None where the system does not say."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return None


def peak(process):
    """Waits for a process; its highest resident memory in MiB."""
    highest = 0.0
    while process.poll() is None:
        highest = max(highest, resident(process.pid) or 0.0)
        time.sleep(0.005)
    return highest


def start_up(command, env, runs=50):
    """Milliseconds from starting the process to its first answer."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        server = Server(command, env)
        server.request("initialize", INITIALIZE)
        times.append((time.perf_counter() - began) * 1000)
        server.close()
    return statistics.median(times)


def median_call(server, tool, arguments, runs=30):
    """Milliseconds at the client, and bytes of structured content."""
    times = []
    for _ in range(runs):
        _, size, took = server.call(tool, arguments)
        times.append(took * 1000)
    return statistics.median(times), size


class World:
    """Simulated providers for so many years, and a home signed in to all of them."""

    def __init__(self, years):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="vitals-bench-"))
        self.simulation = subprocess.Popen(
            [SIMULATE, str(round(years * 365.25))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.facts = json.loads(self.simulation.stdout.readline())

    def home(self, name, providers):
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.scratch),
            "VITALS_HOME": str(self.scratch / name),
            "VITALS_TZ": "Europe/Berlin",
            "VITALS_SYNC_INTERVAL": "off",
            "VITALS_FRESH": "10000h",
            "VITALS_PACE": "off",
        }
        for provider, origin in self.facts["origins"].items():
            env[f"VITALS_{provider.upper()}_URL"] = origin
        for provider in providers:
            self.sign_in(provider, env)
        return env

    def sign_in(self, provider, env):
        secrets = {
            f"{provider.upper()}_CLIENT_ID": self.facts["client_id"],
            f"{provider.upper()}_CLIENT_SECRET": self.facts["client_secret"],
        }
        process = subprocess.Popen(
            [PROGRAM, "auth", provider, "--no-browser", "--port", str(self.facts["port"])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env | secrets,
            text=True,
        )
        address = process.stdout.readline().strip()
        urllib.request.urlopen(address, timeout=30).read()
        process.stdout.read()
        assert process.wait() == 0, f"signing in to {provider}"

    def close(self):
        self.simulation.stdin.close()
        self.simulation.wait()
        shutil.rmtree(self.scratch)


def timed_import(env, providers):
    """Seconds and highest memory (MiB) of a first sync."""
    began = time.perf_counter()
    process = subprocess.Popen([PROGRAM, "sync", *providers], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    highest = peak(process)
    assert process.returncode == 0
    return time.perf_counter() - began, highest


def floor_import(world, run):
    file = world.scratch / f"floor-{run}.db"
    began = time.perf_counter()
    said = subprocess.run(
        [FLOOR, "import", world.facts["origins"]["whoop"], world.facts["whoop_access_token"], file],
        check=True,
        capture_output=True,
    ).stdout
    return time.perf_counter() - began, json.loads(said)


def sql_floor(database, sql, runs=30):
    """Milliseconds of the bare statement through another SQLite."""
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        db.execute(sql).fetchall()
        times.append((time.perf_counter() - began) * 1000)
    db.close()
    return statistics.median(times)


def reads(env, today):
    """Each read at the client: milliseconds and bytes."""
    year_ago = (today - datetime.timedelta(days=364)).isoformat()
    questions = {
        "30 days of WHOOP sleeps": ("list_records", {"kind": "whoop.sleep", "start": "last 30 days"}),
        "one full daily summary": ("get_daily_summary", {"date": "yesterday"}),
        "90 days compact": ("get_daily_summary", {"start": "last 90 days"}),
        "a year of heart rate by the hour": (
            "get_series",
            {"metrics": ["heart_rate"], "source": "oura", "start": year_ago, "end": today.isoformat(), "resolution": "1h"},
        ),
        "insights of 30 days": ("get_insights", {"days": 30}),
        "status": ("get_status", {}),
    }
    server = Server([PROGRAM, "serve"], env)
    server.initialize()
    tools = {tool["name"] for tool in server.request("tools/list")[0]["tools"]}
    out = {}
    for name, (tool, arguments) in questions.items():
        if tool in tools:
            out[name] = median_call(server, tool, arguments)
    server.close()
    return out


def export_all(env):
    """Seconds and highest memory (MiB) of an export of everything as CSV."""
    target = pathlib.Path(env["VITALS_HOME"]) / "export"
    shutil.rmtree(target, ignore_errors=True)
    began = time.perf_counter()
    process = subprocess.Popen(
        [PROGRAM, "export", "all", "--format", "csv", "--to", target],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    highest = peak(process)
    took = time.perf_counter() - began
    if process.returncode != 0:
        return None
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    return took, highest, size / 1e6


def size_by_provider(database):
    """Megabytes of each provider's records and samples, and of the whole file."""
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    records = dict(db.execute("SELECT provider, sum(length(body) + length(flat)) FROM documents GROUP BY provider"))
    samples = dict(
        db.execute("SELECT n.name, count(*) FROM samples s JOIN names n ON n.id = s.source GROUP BY s.source")
    )
    db.close()
    whole = database.stat().st_size / 1e6
    return records, samples, whole


def measure(years):
    world = World(years)
    try:
        result = {}
        # Before anything is forgotten, which ends every grant.
        floors = [floor_import(world, run) for run in range(3)]
        alone = world.home("whoop-only", ["whoop"])
        times = []
        for run in range(3):
            if run:
                subprocess.run([PROGRAM, "forget", "whoop", "--yes"], env=alone, check=True, capture_output=True)
                world.sign_in("whoop", alone)
            times.append(timed_import(alone, ["whoop"])[0])
        result["whoop import"] = statistics.median(times)
        result["whoop floor"] = statistics.median(took for took, _ in floors)
        result["whoop pages"] = floors[0][1]
        result["whoop export"] = export_all(alone)
        env = world.home("all", list(world.facts["origins"]))
        result["import"], result["import memory"] = timed_import(env, [])
        server = Server([PROGRAM, "serve"], env)
        server.initialize()
        server.request("tools/list")
        result["memory"] = server.resident()
        server.close()
        result["start-up"] = start_up([PROGRAM, "serve"], env)
        today = datetime.date.today()
        result["reads"] = reads(env, today)
        database = pathlib.Path(env["VITALS_HOME"]) / "vitals.db"
        since = (today - datetime.timedelta(days=29)).isoformat()
        result["sql floor"] = sql_floor(
            database,
            f"SELECT flat FROM documents WHERE provider = 'whoop' AND resource = 'sleep' AND day >= '{since}'",
        )
        result["export"] = export_all(env)
        result["size"] = size_by_provider(database)
        return result
    finally:
        world.close()


def floors():
    env = {"PATH": os.environ["PATH"]}
    server = Server([FLOOR, "server"], env)
    server.initialize()
    server.request("tools/list")
    memory = server.resident()
    server.close()
    return start_up([FLOOR, "server"], env), memory


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def number(value, unit, digits=1):
    return "–" if value is None else f"{value:.{digits}f} {unit}"


def report(results, floor):
    years = sorted(results)
    most = results[years[-1]]
    floor_start, floor_memory = floor
    pages = most["whoop pages"]
    rows = [
        ["process start to `initialize` answer", number(most["start-up"], "ms"), number(floor_start, "ms"), "≤ 5 ms"],
        ["memory after `tools/list`", number(most["memory"], "MiB"), number(floor_memory, "MiB"), "≤ 10 MiB"],
        [
            f"full WHOOP import ({pages['records']:,} records, {pages['pages']} pages)",
            number(most["whoop import"], "s", 2),
            number(most["whoop floor"], "s", 2),
            "≤ 0.7 s and ≤ 1.5 × the floor",
        ],
        ["import of all three with every series", number(most["import"], "s", 1), "", ""],
        ["highest memory during that import", number(most["import memory"], "MiB"), "", "≤ 60 MiB"],
    ]
    budgets = {
        "30 days of WHOOP sleeps": "≤ 1 ms, ≤ 12 kB",
        "one full daily summary": "≤ 1 ms, ≤ 6 kB",
        "90 days compact": "≤ 16 kB",
        "a year of heart rate by the hour": "≤ 30 ms",
        "insights of 30 days": "≤ 8 kB",
    }
    for name, (milliseconds, size) in most["reads"].items():
        bare = number(most["sql floor"], "ms", 2) if name == "30 days of WHOOP sleeps" else ""
        rows.append([name, f"{milliseconds:.2f} ms, {size / 1000:.1f} kB", bare, budgets.get(name, "")])
    if most["whoop export"]:
        took, _, size = most["whoop export"]
        rows.append(["export of all of WHOOP as CSV", f"{took:.2f} s, {size:.0f} MB", "", "≤ 0.15 s"])
    if most["export"]:
        rows.append(["export of everything as CSV", f"{most['export'][0]:.2f} s, {most['export'][2]:.0f} MB", "", ""])
    first = table([f"{years[-1]} years in the store", "measured", "floor", "budget"], rows)
    growth = [
        ["WHOOP import"] + [number(results[year]["whoop import"], "s", 2) for year in years],
        ["import of all three"] + [number(results[year]["import"], "s", 1) for year in years],
        ["highest memory during it"] + [number(results[year]["import memory"], "MiB") for year in years],
        ["process start"] + [number(results[year]["start-up"], "ms") for year in years],
        ["memory after `tools/list`"] + [number(results[year]["memory"], "MiB") for year in years],
    ]
    growth += [
        [name] + [f"{results[year]['reads'][name][0]:.2f} ms" for year in years] for name in most["reads"]
    ]
    if all(results[year]["whoop export"] for year in years):
        growth.append(
            ["export of all of WHOOP as CSV"] + [f"{results[year]['whoop export'][0]:.2f} s" for year in years]
        )
    if all(results[year]["export"] for year in years):
        growth.append(["export of everything as CSV"] + [f"{results[year]['export'][0]:.2f} s" for year in years])
        growth.append(["highest memory during it"] + [f"{results[year]['export'][1]:.1f} MiB" for year in years])
    growth.append(["size of the database"] + [f"{results[year]['size'][2]:.0f} MB" for year in years])
    second = table([""] + [f"{year} years" if year != 1 else "1 year" for year in years], growth)
    records, samples, _ = most["size"]
    sizes = [
        [provider, f"{records.get(provider, 0) / 1e6 / years[-1]:.1f} MB", f"{samples.get(provider, 0) / years[-1]:,.0f}"]
        for provider in sorted(records)
    ]
    third = table(["provider", "records a year", "samples a year"], sizes)
    return f"{first}\n\n{second}\n\n{third}"


def write(text):
    page = ROOT / "BENCHMARKS.md"
    before, rest = page.read_text().split("<!-- measured -->", 1)
    after = rest.split("<!-- end -->", 1)[1]
    cores = os.cpu_count()
    stamp = f"{datetime.date.today().isoformat()}, {platform.system()} {platform.machine()}, {cores} cores."
    page.write_text(f"{before}<!-- measured -->\n\nMeasured on {stamp}\n\n{text}\n\n<!-- end -->{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, nargs="+", default=[1, 5, 10])
    parser.add_argument("--write", action="store_true", help="put the tables into BENCHMARKS.md")
    arguments = parser.parse_args()
    for needed in (PROGRAM, FLOOR, SIMULATE):
        if not needed.exists():
            parser.error(f"{needed.name} is not built: cargo build --release --locked --bins --examples")
    results = {years: measure(years) for years in sorted(arguments.years)}
    text = report(results, floors())
    print(text)
    if arguments.write:
        write(text)


if __name__ == "__main__":
    main()
