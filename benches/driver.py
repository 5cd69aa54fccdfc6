"""The program driven from outside: a server on stdio, simulated providers, and what a process costs.

For `whole.py`; standard library only. Nothing here knows what is measured.
"""

import json
import os
import pathlib
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = ROOT / "target" / "release"

INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "0"},
}


class Programs:
    """The three executables; `whole.py` may be pointed at others than those of this working copy."""

    program = RELEASE / "vitals-mcp"
    floor = RELEASE / "examples" / "floor"
    simulate = RELEASE / "examples" / "simulate"


class Refused(Exception):
    """A tool answered with an error."""


class Server:
    """A server on stdio, spoken to as a client would."""

    def __init__(self, command, env):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        self.next_id = 0

    def request(self, method, params=None):
        """The result and the seconds it took."""
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
                return parsed["result"], took

    def initialize(self):
        self.request("initialize", INITIALIZE)
        self.process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        self.process.stdin.flush()

    def call(self, tool, arguments):
        """The structured content, its size in bytes, and the seconds until it was here."""
        result, took = self.request("tools/call", {"name": tool, "arguments": arguments})
        content = result["structuredContent"]
        if result.get("isError"):
            raise Refused(content["error"]["message"])
        size = len(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode())
        return content, size, took

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def serving(env):
    server = Server([Programs.program, "serve"], env)
    server.initialize()
    return server


def resident(pid):
    """Resident memory in MiB, or None where the system does not say."""
    return first_figure(f"/proc/{pid}/status", "VmRSS")


def anonymous(pid):
    """Memory that belongs to no file (heap, stacks, what the program has written over), in MiB."""
    return first_figure(f"/proc/{pid}/smaps_rollup", "Anonymous")


def processor(pid):
    """Milliseconds that the threads of a process have had a processor, or None where the system does not say:
    what a busy machine does not change."""
    try:
        tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6
    except OSError:
        return None


def first_figure(file, name):
    try:
        found = re.search(rf"^{name}:\s+(\d+) kB", pathlib.Path(file).read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) / 1024 if found else None


def peak(process):
    """Waits for a process; its highest resident memory in MiB."""
    highest = 0.0
    while process.poll() is None:
        highest = max(highest, resident(process.pid) or 0.0)
        time.sleep(0.005)
    return highest


def median_of(runs, measure):
    """The median and the best of several runs, in milliseconds: on a busy machine the best says more."""
    times = [measure() * 1000 for _ in range(runs)]
    return statistics.median(times), min(times)


def start_up(command, env, runs=50):
    """From starting the process to its first answer."""

    def once():
        began = time.perf_counter()
        server = Server(command, env)
        server.request("initialize", INITIALIZE)
        took = time.perf_counter() - began
        server.close()
        return took

    return median_of(runs, once)


def read_only(database):
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True)


def sql_floor(database, sql, runs=30):
    """The bare statement through another SQLite."""
    db = read_only(database)

    def once():
        began = time.perf_counter()
        db.execute(sql).fetchall()
        return time.perf_counter() - began

    once()
    figures = median_of(runs, once)
    db.close()
    return figures


class World:
    """Simulated providers for so many years, and homes signed in to them."""

    def __init__(self, years):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="vitals-bench-"))
        self.simulation = subprocess.Popen(
            [Programs.simulate, str(round(years * 365.25))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.facts = json.loads(self.simulation.stdout.readline())

    def home(self, name, providers):
        env = self.environment(self.scratch / name, self.facts["origins"])
        for provider in providers:
            self.sign_in(provider, env)
        return env

    def copy_of(self, home):
        """A copy of a home that was filled by an earlier run, whose providers are gone."""
        target = self.scratch / "copied"
        shutil.copytree(home, target)
        for entry in [target, *target.rglob("*")]:
            entry.chmod(entry.stat().st_mode | 0o200)
        origins = {}
        for client in target.glob("tokens/*.client"):
            provider, host, port = re.fullmatch(r"(\w+)@(.+)-(\d+)\.client", client.name).groups()
            origins[provider] = f"http://{host}:{port}"
        return self.environment(target, origins)

    def environment(self, home, origins):
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.scratch),
            "VITALS_HOME": str(home),
            "VITALS_TZ": "Europe/Berlin",
            "VITALS_SYNC_INTERVAL": "off",
            "VITALS_FRESH": "10000h",
            "VITALS_PACE": "off",
        }
        return env | {f"VITALS_{provider.upper()}_URL": origin for provider, origin in origins.items()}

    def sign_in(self, provider, env):
        secrets = {
            f"{provider.upper()}_CLIENT_ID": self.facts["client_id"],
            f"{provider.upper()}_CLIENT_SECRET": self.facts["client_secret"],
        }
        process = subprocess.Popen(
            [Programs.program, "auth", provider, "--no-browser", "--port", str(self.facts["port"])],
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


def spent():
    """Seconds that commands which have ended had a processor."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(env, arguments):
    """Seconds, highest memory (MiB) and seconds of processor of a command that succeeds."""
    began, before = time.perf_counter(), spent()
    process = subprocess.Popen(
        [Programs.program, *arguments], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    highest = peak(process)
    took = time.perf_counter() - began
    assert process.returncode == 0, arguments
    return took, highest, spent() - before


def wait_for_kept_days(env, seconds=1800):
    """Lets a server work in the background until every day is kept; the seconds it took, or None where a mirror
    of this program keeps none."""
    database = pathlib.Path(env["VITALS_HOME"]) / "vitals.db"
    began = time.perf_counter()
    server = serving(env)
    server.call("get_status", {})
    try:
        while time.perf_counter() - began < seconds:
            db = read_only(database)
            try:
                tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
                if "days" not in tables:
                    return None
                days = "SELECT count(DISTINCT day) FROM documents WHERE day IS NOT NULL"
                left = db.execute(f"SELECT ({days}) - (SELECT count(*) FROM days WHERE kept = 1)").fetchone()[0]
            finally:
                db.close()
            # The day that goes on is never kept, and its neighbour may have an open record.
            if left <= 2:
                return time.perf_counter() - began
            time.sleep(0.2)
        raise TimeoutError(f"{left} days are not kept after {seconds} s")
    finally:
        server.close()
