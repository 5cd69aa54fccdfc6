"""Asks every tool through the official Python client, in each of its modes. Run by clients.sh."""

import asyncio
import json
import os
import sys

from mcp import Client, StdioServerParameters

CALLS = [
    ("describe_data", {}, False),
    ("get_daily_summary", {}, False),
    ("get_events", {}, False),
    ("get_profile", {}, False),
    ("get_status", {}, False),
    ("list_records", {"kind": "whoop.sleep"}, False),
    ("list_records", {"kind": "sleep"}, True),
    ("sync_data", {}, True),  # nobody is signed in
]


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
        print(f"{mode}: {client.protocol_version}, {len(tools)} tools")


for mode in ("legacy", "auto", "2026-07-28"):
    asyncio.run(talk(sys.argv[1], sys.argv[2], mode))
