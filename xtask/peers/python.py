"""Drives the fixture server with the Python client, as its users would.

    python python.py stdio COMMAND [ARG...]
    python python.py http URL

One line per check on stdout: `ok NAME` or `FAIL NAME: why`; the exit status is 0 if none failed. The
fixture is started with a page size, so that every list takes several pages.
"""

import json
import sys
import warnings
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import mcp_types as types
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.subscriptions import PromptsListChanged, ResourceUpdated, ToolsListChanged

REVISION = "2026-07-28"
INVALID_PARAMS = -32602
CHECK_LIMIT = 15
RUN_LIMIT = 120

failures = 0


async def check(name: str, body: Callable[[], Awaitable[None]]) -> bool:
    global failures
    try:
        with anyio.fail_after(CHECK_LIMIT):
            await body()
    except Exception as error:
        failures += 1
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        why = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"FAIL {name}: {why[:400]}", flush=True)
        return False
    print(f"ok {name}", flush=True)
    return True


def same(found: object, wanted: object) -> None:
    assert found == wanted, f"found {found!r}, wanted {wanted!r}"


@asynccontextmanager
async def refused(code: int):
    """What is inside has to end in a JSON-RPC error with this code."""
    try:
        yield
    except MCPError as error:
        same(error.code, code)
    else:
        raise AssertionError(f"no error, where {code} was due")


def text(result: types.CallToolResult) -> str:
    return next(block.text for block in result.content if isinstance(block, types.TextContent))


async def elicited(_context, params) -> types.ElicitResult:
    if isinstance(params, types.ElicitRequestURLParams):
        return types.ElicitResult(action="accept")
    known = {"name": "Alice", "color": "blue", "ok": True, "context": "a peer"}
    wanted = params.requested_schema["properties"]
    return types.ElicitResult(action="accept", content={key: known[key] for key in wanted})


async def sampled(_context, _params) -> types.CreateMessageResult:
    content = types.TextContent(type="text", text="Paris")
    return types.CreateMessageResult(role="assistant", model="peer-model", content=content)


async def roots(_context) -> types.ListRootsResult:
    return types.ListRootsResult(roots=[types.Root(uri="file:///peer/folder", name="Peer Root")])


async def pages(fetch, member: str) -> tuple[list, int]:
    found, cursor, count = [], None, 0
    while True:
        page = await fetch(cursor=cursor, cache_mode="bypass")
        found += getattr(page, member)
        cursor = page.next_cursor
        count += 1
        assert count < 100, "the list has no end"
        if cursor is None:
            return found, count


async def lists(client: Client) -> None:
    async def tools():
        found, count = await pages(client.list_tools, "tools")
        assert count > 1, f"one page held all of {len(found)} tools"
        names = [tool.name for tool in found]
        same(len(set(names)), len(names))
        same(names[0], "test_simple_text")
        again, _ = await pages(client.list_tools, "tools")
        same([tool.name for tool in again], names)

    async def prompts():
        found, count = await pages(client.list_prompts, "prompts")
        assert count > 1 and "test_simple_prompt" in [prompt.name for prompt in found]

    async def resources():
        found, count = await pages(client.list_resources, "resources")
        assert count > 1 and "test://static-text" in [str(resource.uri) for resource in found]

    async def templates():
        found, _ = await pages(client.list_resource_templates, "resource_templates")
        assert "test://template/{id}/data" in [template.uri_template for template in found]

    async def bad_cursor():
        async with refused(INVALID_PARAMS):
            await client.list_tools(cursor="not-a-cursor")

    await check("tools/list in pages", tools)
    await check("prompts/list in pages", prompts)
    await check("resources/list in pages", resources)
    await check("resources/templates/list", templates)
    await check("a cursor nobody gave is refused", bad_cursor)


async def calls(client: Client) -> None:
    async def plain():
        result = await client.call_tool("test_simple_text")
        same(text(result), "This is a simple text response for testing.")

    async def kinds():
        mixed = await client.call_tool("test_multiple_content_types", {})
        same([block.type for block in mixed.content], ["text", "image", "resource"])
        audio = await client.call_tool("test_audio_content", {})
        same(audio.content[0].mime_type, "audio/wav")

    async def structured():
        result = await client.call_tool("test_structured_content", {"x": 2, "y": 40})
        same(result.structured_content, {"sum": 42})

    async def tool_error():
        result = await client.call_tool("test_error_handling", {})
        same(result.is_error, True)
        same(text(result), "This tool intentionally returns an error for testing")

    async def bad_arguments():
        result = await client.call_tool("test_structured_content", {"x": "two"})
        same(result.is_error, True)

    async def unknown():
        async with refused(INVALID_PARAMS):
            await client.call_tool("no_such_tool", {})

    async def mirrored():
        result = await client.call_tool("test_custom_header", {"value": "zażółć"})
        assert "zażółć" in text(result), text(result)

    async def side_by_side():
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "test_slow", {"ms": 10_000})
            with anyio.fail_after(3):
                await client.call_tool("test_simple_text")
            group.cancel_scope.cancel()

    await check("tools/call, text", plain)
    await check("tools/call, every kind of content", kinds)
    await check("tools/call, structured content", structured)
    await check("tools/call, an error of the tool", tool_error)
    await check("tools/call, bad arguments are an error of the tool", bad_arguments)
    await check("tools/call, an unknown tool is refused", unknown)
    await check("tools/call, a mirrored parameter", mirrored)
    await check("calls run side by side", side_by_side)


async def others(client: Client) -> None:
    async def read():
        plain = await client.read_resource("test://static-text")
        same(plain.contents[0].text, "This is the content of the static text resource.")
        binary = await client.read_resource("test://static-binary")
        assert binary.contents[0].blob
        template = await client.read_resource("test://template/123/data")
        same(json.loads(template.contents[0].text)["id"], "123")

    async def unknown():
        async with refused(INVALID_PARAMS):
            await client.read_resource("test://no-such-thing")

    async def prompt():
        result = await client.get_prompt("test_prompt_with_arguments", {"arg1": "one", "arg2": "two"})
        same(result.messages[0].content.text, "Prompt with arguments: arg1='one', arg2='two'")

    async def complete():
        reference = types.PromptReference(type="ref/prompt", name="test_prompt_with_arguments")
        result = await client.complete(reference, {"name": "arg1", "value": "test"})
        values = result.completion.values
        assert values and all(value.startswith("test") for value in values), values

    await check("resources/read", read)
    await check("resources/read, an unknown resource is refused", unknown)
    await check("prompts/get", prompt)
    await check("completion/complete", complete)


async def inputs(client: Client) -> None:
    async def elicitation():
        result = await client.call_tool("test_input_required_result_elicitation", {})
        same(text(result), "Hello, Alice!")

    async def url():
        result = await client.call_tool("test_input_required_result_url", {})
        assert "accept" in text(result), text(result)

    async def two_rounds():
        answer = text(await client.call_tool("test_input_required_result_multi_round", {}))
        assert "Alice" in answer and "blue" in answer, answer

    async def at_once():
        answer = text(await client.call_tool("test_input_required_result_multiple_inputs", {}))
        for part in ("Alice", "Paris", "file:///peer/folder"):
            assert part in answer, answer

    async def tampered():
        name = "test_input_required_result_tampered_state"
        first = await client.session.call_tool(name, {}, allow_input_required=True)
        assert isinstance(first, types.InputRequiredResult), first
        key = next(iter(first.input_requests))
        answer = types.ElicitResult(action="accept", content={"ok": True})
        async with refused(INVALID_PARAMS):
            await client.session.call_tool(
                name,
                {},
                input_responses={key: answer},
                request_state=f"{first.request_state}-TAMPERED",
                allow_input_required=True,
            )

    async def prompt():
        result = await client.get_prompt("test_input_required_result_prompt")
        assert "a peer" in result.messages[0].content.text

    await check("an elicitation round trip", elicitation)
    await check("an elicitation by URL", url)
    await check("input over two rounds, with request state", two_rounds)
    await check("three inputs at once", at_once)
    await check("request state that was tampered with is refused", tampered)
    await check("a prompt that asks for input", prompt)


async def streams(client: Client, logged: list[str]) -> None:
    async def progress():
        seen = []

        async def heard(progress: float, total: float | None, _message: str | None) -> None:
            seen.append((progress, total))

        await client.call_tool("test_tool_with_progress", {}, progress_callback=heard)
        same(seen, [(0, 100), (50, 100), (100, 100)])

    async def logging():
        await client.call_tool("test_logging_tool", {})
        same(logged, [])
        await client.call_tool("test_logging_tool", {}, meta={"io.modelcontextprotocol/logLevel": "info"})
        assert logged and "debug" not in logged, logged

    async def dropped() -> int:
        return (await client.call_tool("test_dropped_calls", {})).structured_content["count"]

    async def cancellation():
        before = await dropped()
        begun = anyio.Event()

        async def heard(*_progress) -> None:
            begun.set()

        async def slow() -> None:
            await client.call_tool("test_slow", {"ms": 60_000}, progress_callback=heard)

        async with anyio.create_task_group() as group:
            group.start_soon(slow)
            with anyio.fail_after(5):
                await begun.wait()
            group.cancel_scope.cancel()
        with anyio.fail_after(5):
            while await dropped() <= before:
                await anyio.sleep(0.05)

    await check("progress", progress)
    await check("log messages, only when asked for", logging)
    await check("cancellation reaches the work", cancellation)


async def subscriptions(client: Client) -> None:
    async def next_event(stream):
        with anyio.fail_after(3):
            return await anext(stream)

    async def tools():
        async with client.listen(tools_list_changed=True) as stream:
            same(stream.honored.tools_list_changed, True)
            await client.call_tool("test_trigger_tool_change", {})
            same(await next_event(stream), ToolsListChanged())

    async def nothing_else():
        async with client.listen(prompts_list_changed=True) as stream:
            await client.call_tool("test_trigger_tool_change", {})
            await client.call_tool("test_trigger_prompt_change", {})
            same(await next_event(stream), PromptsListChanged())

    async def resource():
        uri = "test://watched-resource"
        async with client.listen(resource_subscriptions=[uri]) as stream:
            await client.call_tool("test_trigger_resource_change", {})
            same(await next_event(stream), ResourceUpdated(uri=uri))

    await check("a subscription sees the tools change", tools)
    await check("a subscription sees nothing it did not ask for", nothing_else)
    await check("a subscription sees a resource change", resource)


async def run(transport: str, target: list[str]) -> None:
    logged: list[str] = []

    async def on_log(params: types.LoggingMessageNotificationParams) -> None:
        logged.append(params.level)

    server = target[0] if transport == "http" else StdioServerParameters(command=target[0], args=target[1:])
    client = Client(
        server,
        mode="auto",
        read_timeout_seconds=CHECK_LIMIT,
        elicitation_callback=elicited,
        sampling_callback=sampled,
        list_roots_callback=roots,
        logging_callback=on_log,
    )
    async with client:

        async def discover():
            same(client.protocol_version, REVISION)
            assert client.server_info is not None and client.server_info.name, "no server name"
            found = await client.session.discover()
            assert REVISION in found.supported_versions
            for area in ("tools", "prompts", "resources", "completions"):
                assert getattr(found.capabilities, area) is not None, f"no capability {area}"

        await check("server/discover", discover)
        await lists(client)
        await calls(client)
        await others(client)
        await inputs(client)
        await streams(client, logged)
        await subscriptions(client)


async def main() -> int:
    async def whole():
        with anyio.fail_after(RUN_LIMIT):
            await run(sys.argv[1], sys.argv[2:])

    try:
        await whole()
    except Exception as error:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        print(f"FAIL run: {type(error).__name__}: {error}", flush=True)
        return 1
    print("ok close", flush=True)
    return 1 if failures else 0


warnings.simplefilter("ignore", DeprecationWarning)
sys.exit(anyio.run(main))
