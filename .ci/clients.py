"""Asks every tool, resource and prompt through the official Python client, in each of its modes. Run by clients.sh."""

import asyncio
import json
import os
import sys
from pathlib import Path

from mcp import Client, MCPError, StdioServerParameters

CALLS = [
    ("analyze", {"method": "trend", "metric": "weight"}, True),  # nothing is stored
    ("describe_data", {}, False),
    ("explain_missing", {}, False),
    ("export_data", {"kind": "whoop.sleep", "path": "sleep.csv"}, True),
    ("get_daily_summary", {}, False),
    ("get_events", {}, False),
    ("get_insights", {}, True),
    ("get_profile", {}, False),
    ("get_series", {"metrics": ["resting_heart_rate"]}, False),
    ("get_signal", {"kind": "ecg", "id": "1"}, True),
    ("get_status", {}, False),
    ("list_records", {"kind": "whoop.sleep"}, False),
    ("list_records", {"kind": "sleep"}, True),
    ("query_sql", {"sql": "SELECT 1"}, True),
    ("render_chart", {"metrics": ["resting_heart_rate"]}, False),
    ("sync_data", {}, True),  # nobody is signed in
]

# Every template, filled in.
FILLED = {
    "vitals://summary/{date}": "vitals://summary/2026-03-01",
    "vitals://records/{kind}/{start}/{end}": "vitals://records/whoop.sleep/2026-03-01/last%20night",
    "vitals://events/{since}": "vitals://events/seq:0",
    "vitals://events/{since}/{until}": "vitals://events/seq%3A0/today",
    "vitals://sync_runs/{limit}": "vitals://sync_runs/5",
    "vitals://schema/{kind}": "vitals://schema/whoop.sleep",
}
REQUIRED = {"date": "2026-03-01", "metric": "resting_heart_rate"}


async def read(client, mode):
    fixed = [str(resource.uri) for resource in (await client.list_resources()).resources]
    templates = {template.uri_template for template in (await client.list_resource_templates()).resource_templates}
    assert templates == set(FILLED), f"{mode}: {templates}"
    for uri in fixed + list(FILLED.values()):
        contents = (await client.read_resource(uri)).contents
        if contents[0].mime_type == "application/json":
            assert isinstance(json.loads(contents[0].text), dict), f"{mode} {uri}"
        else:
            assert contents[0].text.lower().startswith("<!doctype html>"), f"{mode} {uri}"
    try:
        await client.read_resource("vitals://records/sleep/today/today")
        raise AssertionError(f"{mode}: a bad kind was read")
    except MCPError as error:
        assert "VALIDATION_ERROR" in str(error), f"{mode}: {error}"
    prompts = (await client.list_prompts()).prompts
    for prompt in prompts:
        arguments = {one.name: REQUIRED[one.name] for one in prompt.arguments or [] if one.required}
        message = (await client.get_prompt(prompt.name, arguments)).messages[0]
        assert "1. get_status {}" in message.content.text, f"{mode} {prompt.name}"
    return len(fixed) + len(FILLED), len(prompts)


async def talk(program, home, mode):
    environment = {"VITALS_HOME": home, "PATH": os.environ["PATH"], "VITALS_SYNC_INTERVAL": "off"}
    async with Client(StdioServerParameters(command=program, env=environment), mode=mode) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        untried = tools - {name for name, _, _ in CALLS}
        assert not untried, f"{mode}: no call of {untried}"
        for name, arguments, refused in CALLS:
            # The client itself checks the answer against the output schema.
            answer = await client.call_tool(name, arguments)
            assert bool(answer.is_error) == refused, f"{mode} {name}: {answer}"
            assert json.loads(answer.content[0].text) == answer.structured_content, f"{mode} {name}"
        resources, prompts = await read(client, mode)
        print(f"{mode}: {client.protocol_version}, {len(tools)} tools, {resources} resources, {prompts} prompts")


async def try_all(program, home, mode):
    """Every tool of the demo's mirror to a success and to an error, by the table that the TypeScript clients use."""
    calls = json.loads(Path(__file__).with_name("calls.json").read_text())
    environment = {"VITALS_HOME": home, "PATH": os.environ["PATH"], "VITALS_SYNC_INTERVAL": "off"}
    server = StdioServerParameters(command=program, args=["--profile", "demo", "serve"], env=environment)
    async with Client(server, mode=mode) as client:
        recordings = {"kind": "withings.heart", "start": "last 400 days", "limit": 1000, "fields": ["id", "signal_id"]}
        rows = (await client.call_tool("list_records", recordings)).structured_content["rows"]
        good = calls["good"] + [["get_signal", {"kind": "ecg", "id": next(row[0] for row in rows if row[1])}]]
        for name in {tool.name for tool in (await client.list_tools()).tools}:
            assert name in calls["only_refused"] or any(call[0] == name for call in good), f"{mode}: no call of {name}"
            assert any(call[0] == name for call in calls["bad"]), f"{mode}: no wrong call of {name}"
        for name, arguments in good:
            answer = await client.call_tool(name, arguments)
            assert not answer.is_error, f"{mode} {name}: {answer}"
            assert json.loads(answer.content[0].text) == answer.structured_content, f"{mode} {name}"
        for name, arguments, code in calls["bad"]:
            answer = await client.call_tool(name, arguments)
            error = json.loads(answer.content[0].text)["error"]
            assert answer.is_error and error["code"] == code and error["hint"], f"{mode} {name}: {answer}"
            assert answer.structured_content["error"]["code"] == code, f"{mode} {name}: {answer}"
        print(f"{mode}: {len(good)} answers, {len(calls['bad'])} errors")


for mode in ("legacy", "auto", "2026-07-28"):
    asyncio.run(talk(sys.argv[1], sys.argv[2], mode))
    asyncio.run(try_all(sys.argv[1], sys.argv[2], mode))
