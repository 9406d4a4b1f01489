"""A server made with the Python SDK, for our client to be tested against.

    python server.py stdio
    python server.py http

Over HTTP it takes a free port of the loopback address and prints one line,
`listening http://127.0.0.1:PORT/mcp`. It ends when its standard input ends. server.mjs offers the same.
"""

import json
import socket
import sys
import warnings
from typing import Annotated, Any

import anyio
import anyio.to_thread
import mcp_types as types
import uvicorn
from mcp import MCPError
from mcp.server.caching import CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPDeprecationWarning
from pydantic import BaseModel, Field

PAGES = 30
PAGE_SIZE = 10
PEOPLE = ["Ada", "Alan", "Barbara", "Grace"]
WATCHED = "test://text"

# Logging is deprecated in this revision, and is tested all the same.
warnings.simplefilter("ignore", MCPDeprecationWarning)

cancellations = 0


async def in_pages(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """MCPServer lists everything at once and takes no notice of cursors; this cuts one list into pages."""
    if ctx.method != "resources/list":
        return await call_next(ctx)
    cursor = (ctx.params or {}).get("cursor")
    start = 0
    if cursor is not None:
        number = str(cursor).removeprefix("at-")
        start = int(number) if number.isdecimal() else -1
    result = await call_next(ctx)
    assert isinstance(result, dict)
    listed = result["resources"]
    if not 0 <= start < len(listed):
        raise MCPError(types.INVALID_PARAMS, "unknown cursor")
    end = start + PAGE_SIZE
    page = {**result, "resources": listed[start:end]}
    if end < len(listed):
        page["nextCursor"] = f"at-{end}"
    return page


hint = CacheHint(ttl_ms=60_000, scope="public")
server = MCPServer(
    "peer-server-python",
    title="Peer",
    version="1.0.0",
    instructions="A server to test clients with.",
    log_level="ERROR",
    cache_hints={
        "server/discover": hint,
        "tools/list": hint,
        "resources/list": hint,
        "resources/read": CacheHint(ttl_ms=5000),
    },
    middleware=[in_pages],
)


class Sum(BaseModel):
    sum: float


class Count(BaseModel):
    count: int


@server.tool(description="Gives the text back", structured_output=False)
def echo(text: str) -> str:
    return text


@server.tool(title="Addition", annotations=types.ToolAnnotations(read_only_hint=True))
def add(a: float, b: float) -> Sum:
    return Sum(sum=a + b)


@server.tool(description="Always fails", structured_output=False)
def fail() -> str:
    raise ToolError("told to fail")


@server.tool(description="Says which region it was called for", structured_output=False)
def region(
    region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
    ctx: Context,
    note: str | None = None,
) -> str:
    header = (ctx.headers or {}).get("mcp-param-region", "none")
    return f"{region} (header: {header})"


@server.tool(
    description="Three steps of progress spread over `ms` milliseconds, then a result", structured_output=False
)
async def slow(ctx: Context, ms: float = 150) -> str:
    global cancellations
    try:
        for progress in (0.5, 1, 1.5):
            await ctx.report_progress(progress, 1.5, f"at {progress}")
            await anyio.sleep(ms / 3000)
    except anyio.get_cancelled_exc_class():
        cancellations += 1
        raise
    return "done"


@server.tool(description="How many calls of `slow` were cancelled")
def cancelled() -> Count:
    return Count(count=cancellations)


@server.tool(description="Logs at the levels debug and info", structured_output=False)
async def log(ctx: Context) -> str:
    await ctx.log("debug", "a detail", logger_name="test")
    await ctx.log("info", {"said": "something"}, logger_name="test")
    return "logged"


@server.tool(description=f"Says that the tools and {WATCHED} changed", structured_output=False)
async def trigger(ctx: Context) -> str:
    await ctx.notify_tools_changed()
    await ctx.notify_resource_updated(WATCHED)
    return "triggered"


def ask_name() -> types.ElicitRequest:
    schema = {"type": "object", "properties": {"name": {"type": "string", "minLength": 1}}, "required": ["name"]}
    params = types.ElicitRequestFormParams(message="What is your name?", requested_schema=schema)
    return types.ElicitRequest(params=params)


@server.tool(description="Asks for a name, then greets", structured_output=False)
async def ask(ctx: Context) -> str | types.InputRequiredResult:
    answer = (ctx.input_responses or {}).get("name")
    if not isinstance(answer, types.ElicitResult):
        return types.InputRequiredResult(input_requests={"name": ask_name()})
    if answer.action != "accept" or answer.content is None:
        return f"No name: {answer.action}"
    return f"Hello, {answer.content['name']}!"


@server.tool(description="Asks for everything at once, with a state", structured_output=False)
async def ask_all(ctx: Context) -> str | types.InputRequiredResult:
    answers = ctx.input_responses or {}
    given, sampled, listed = (answers.get(key) for key in ("name", "capital", "roots"))
    if (
        ctx.request_state == "started"
        and isinstance(given, types.ElicitResult)
        and given.content is not None
        and isinstance(sampled, types.CreateMessageResult)
        and isinstance(sampled.content, types.TextContent)
        and isinstance(listed, types.ListRootsResult)
    ):
        uris = " ".join(str(root.uri) for root in listed.roots)
        return f"{given.content['name']}, {sampled.content.text}, {uris}"
    question = types.TextContent(type="text", text="Capital of France?")
    sampling = types.CreateMessageRequestParams(
        messages=[types.SamplingMessage(role="user", content=question)], max_tokens=20
    )
    # The SDK seals the state before it leaves, and opens it before it gets here.
    return types.InputRequiredResult(
        input_requests={
            "name": ask_name(),
            "capital": types.CreateMessageRequest(params=sampling),
            "roots": types.ListRootsRequest(),
        },
        request_state="started",
    )


@server.resource("test://text", name="text", mime_type="text/plain")
def some_text() -> str:
    return "some text"


@server.resource("test://blob", name="blob", mime_type="application/octet-stream")
def some_bytes() -> bytes:
    return bytes([0, 1, 2, 255])


@server.resource("test://item/{id}", name="item", mime_type="application/json")
def item(id: str) -> str:
    return json.dumps({"id": id})


def add_page(number: int) -> None:
    server.resource(f"test://page/{number}", name=f"page-{number:02}")(lambda: f"page {number}")


for number in range(1, PAGES + 1):
    add_page(number)


@server.prompt(description="A greeting")
def greet(who: Annotated[str, Field(description="Who is greeted")]) -> str:
    return f"Say hello to {who}."


@server.completion()
async def complete(
    ref: types.PromptReference | types.ResourceTemplateReference,
    argument: types.CompletionArgument,
    _context: types.CompletionContext | None,
) -> types.Completion | None:
    if isinstance(ref, types.PromptReference):
        known = PEOPLE if (ref.name, argument.name) == ("greet", "who") else []
    else:
        known = ["1", "12", "123"]
    start = argument.value.lower()
    return types.Completion(values=[value for value in known if value.lower().startswith(start)])


async def listen() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(server.streamable_http_app(), log_level="error", timeout_graceful_shutdown=1)
        http = uvicorn.Server(config)
        async with anyio.create_task_group() as group:
            group.start_soon(http.serve, [listener])
            while not http.started:
                await anyio.sleep(0.01)
            print(f"listening http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
            await anyio.to_thread.run_sync(sys.stdin.buffer.read, abandon_on_cancel=True)
            http.should_exit = True


if sys.argv[1:] == ["http"]:
    anyio.run(listen)
elif sys.argv[1:] == ["stdio"]:
    server.run("stdio")
else:
    sys.exit("usage: python server.py http|stdio")
