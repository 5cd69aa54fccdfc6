"""Asks every tool, resource and prompt through the official Python client, in each of its modes. Run by clients.sh."""

import asyncio
import json
import os
import sys

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


for mode in ("legacy", "auto", "2026-07-28"):
    asyncio.run(talk(sys.argv[1], sys.argv[2], mode))
