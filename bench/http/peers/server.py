"""A server made with the Python SDK, for the bench.

It takes a free port of the loopback address, prints its address, and ends when its stdin does.
"""

import socket
import sys

import anyio
import anyio.to_thread
import uvicorn
from mcp.server.mcpserver import Context, MCPServer

TOOLS = 20
DESCRIPTION = "Gives back the text that it was given, for models that want to see it again"

server = MCPServer("bench", version="1")


@server.tool(description=DESCRIPTION, structured_output=False)
async def echo(text: str) -> str:
    return text


@server.tool(description=DESCRIPTION, structured_output=False)
async def steps(text: str, ctx: Context) -> str:
    await ctx.report_progress(1, 2)
    await ctx.report_progress(2, 2)
    return text


for number in range(2, TOOLS):
    server.add_tool(echo, name=f"tool_{number:05}", description=DESCRIPTION, structured_output=False)


async def listen() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(server.streamable_http_app(), log_level="error", timeout_graceful_shutdown=1)
        http = uvicorn.Server(config)
        async with anyio.create_task_group() as group:
            group.start_soon(http.serve, [listener])
            while not http.started:
                await anyio.sleep(0.01)
            print(f"127.0.0.1:{listener.getsockname()[1]}", flush=True)
            await anyio.to_thread.run_sync(sys.stdin.buffer.read, abandon_on_cancel=True)
            http.should_exit = True


anyio.run(listen)
