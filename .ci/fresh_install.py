"""Registers the program with a client, starts it as that client would, and asks what README promises."""

import json
import os
import subprocess
import sys

program, scratch = sys.argv[1], sys.argv[2]
registration = os.path.join(scratch, "mcp.json")
subprocess.run(
    [program, "--profile", "demo", "install", "cursor", "--config", registration],
    check=True,
    stdout=subprocess.DEVNULL,
)
with open(registration) as file:
    server = json.load(file)["mcpServers"]["vitals-demo"]

process = subprocess.Popen(
    [server["command"], *server["args"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)


def ask(number, method, params):
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()
    while True:
        answer = json.loads(process.stdout.readline())
        if answer.get("id") == number:
            return answer["result"]


def call(number, tool, arguments):
    result = ask(number, "tools/call", {"name": tool, "arguments": arguments})
    assert not result.get("isError"), result
    return result["structuredContent"]


client = {"name": "newcomer", "version": "0"}
ask(1, "initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client})

# How did I sleep last week compared with the week before?
weeks = call(2, "get_daily_summary", {"start": "last 14 days", "metrics": ["total_sleep_time"]})
nights = [[row[1] for row in week if row[1] is not None] for week in (weeks["rows"][:7], weeks["rows"][7:])]
assert weeks["demo"] and all(len(week) >= 4 for week in nights), weeks
print("nights of the week before and of the last one:", *(len(week) for week in nights))

# What stands out?
insights = call(3, "get_insights", {"days": 90})
print("insights:", ", ".join(sorted(insights)))

# What was my heart rate through yesterday?
series = call(4, "get_series", {"metrics": ["heart_rate"], "start": "yesterday", "resolution": "1h"})
assert any(one["rows"] for one in series["series"]), series
print("series of heart rate:", len(series["series"]))

process.stdin.close()
assert process.wait(timeout=10) == 0
