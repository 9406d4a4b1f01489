// Drives the fixture server with the TypeScript client, as its users would.
//
//   node typescript.mjs stdio COMMAND [ARG...]
//   node typescript.mjs http URL
//
// Run in the folder that the package was installed into. One line per check on stdout: `ok NAME` or
// `FAIL NAME: why`; the exit status is 0 if none failed. The fixture is started with a page size, so
// that every list takes several pages.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const { Client, StreamableHTTPClientTransport } = require('@modelcontextprotocol/client');
const { StdioClientTransport } = require('@modelcontextprotocol/client/stdio');

const REVISION = '2026-07-28';
const CHECK_LIMIT = 15_000;
const RUN_LIMIT = 120_000;

const [transportName, ...target] = process.argv.slice(2);
let failures = 0;

function limited(promise, limit, what) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} took more than ${limit} ms`)), limit);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function check(name, body) {
    try {
        await limited(body(), CHECK_LIMIT, 'the check');
        console.log(`ok ${name}`);
    } catch (error) {
        failures += 1;
        const why = `${error?.name ?? 'Error'}: ${error?.message ?? error}`.replaceAll(/\s+/g, ' ');
        console.log(`FAIL ${name}: ${why.slice(0, 400)}`);
    }
}

/** A promise with its handles outside, for what a callback is to bring. */
function arrival() {
    let arrived;
    const promise = new Promise(resolve => { arrived = resolve; });
    return { arrived, promise };
}

async function eventually(what, limit, probe) {
    const end = Date.now() + limit;
    for (;;) {
        if (await probe()) return;
        if (Date.now() > end) throw new Error(`${what} did not happen within ${limit} ms`);
        await new Promise(resolve => setTimeout(resolve, 50));
    }
}

const text = result => result.content.find(block => block.type === 'text')?.text;

function transport() {
    if (transportName === 'http') return new StreamableHTTPClientTransport(new URL(target[0]));
    const [command, ...args] = target;
    return new StdioClientTransport({ command, args, stderr: 'inherit' });
}

function newClient() {
    const client = new Client(
        { name: 'mcpwire-peer-typescript', version: '1.0.0' },
        {
            versionNegotiation: { mode: { pin: REVISION } },
            capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
        },
    );
    client.setRequestHandler('elicitation/create', async request => {
        if (request.params.mode === 'url') return { action: 'accept' };
        const wanted = Object.keys(request.params.requestedSchema.properties);
        const known = { name: 'Alice', color: 'blue', ok: true, context: 'a peer' };
        return { action: 'accept', content: Object.fromEntries(wanted.map(key => [key, known[key]])) };
    });
    client.setRequestHandler('sampling/createMessage', async () => ({
        role: 'assistant',
        model: 'peer-model',
        stopReason: 'endTurn',
        content: { type: 'text', text: 'Paris' },
    }));
    client.setRequestHandler('roots/list', async () => ({
        roots: [{ uri: 'file:///peer/folder', name: 'Peer Root' }],
    }));
    return client;
}

/** Every page of a list by hand, to see that there are several and that they add up. */
async function pages(client, method, member) {
    const found = [];
    let cursor;
    let count = 0;
    do {
        const page = await client.request({ method, params: cursor === undefined ? {} : { cursor } });
        found.push(...page[member]);
        cursor = page.nextCursor;
        count += 1;
        assert.ok(count < 100, `${method} has no end`);
    } while (cursor !== undefined);
    return { found, count };
}

async function lists(client) {
    await check('tools/list in pages', async () => {
        const { found, count } = await pages(client, 'tools/list', 'tools');
        assert.ok(count > 1, `one page held all of ${found.length} tools`);
        const names = found.map(tool => tool.name);
        assert.equal(new Set(names).size, names.length, 'a tool is listed twice');
        assert.equal(names[0], 'test_simple_text');
        const again = await client.listTools(undefined, { cacheMode: 'bypass' });
        assert.deepEqual(again.tools.map(tool => tool.name), names);
    });
    await check('prompts/list in pages', async () => {
        const { found, count } = await pages(client, 'prompts/list', 'prompts');
        assert.ok(count > 1 && found.some(prompt => prompt.name === 'test_simple_prompt'));
    });
    await check('resources/list in pages', async () => {
        const { found, count } = await pages(client, 'resources/list', 'resources');
        assert.ok(count > 1 && found.some(resource => resource.uri === 'test://static-text'));
    });
    await check('resources/templates/list', async () => {
        const { resourceTemplates } = await client.listResourceTemplates();
        assert.ok(resourceTemplates.some(it => it.uriTemplate === 'test://template/{id}/data'));
    });
    await check('a cursor nobody gave is refused', async () => {
        await assert.rejects(
            client.request({ method: 'tools/list', params: { cursor: 'not-a-cursor' } }),
            error => error.code === -32602,
        );
    });
}

async function calls(client) {
    await check('tools/call, text', async () => {
        const result = await client.callTool({ name: 'test_simple_text' });
        assert.equal(text(result), 'This is a simple text response for testing.');
    });
    await check('tools/call, every kind of content', async () => {
        const mixed = await client.callTool({ name: 'test_multiple_content_types', arguments: {} });
        assert.deepEqual(mixed.content.map(block => block.type), ['text', 'image', 'resource']);
        const audio = await client.callTool({ name: 'test_audio_content', arguments: {} });
        assert.equal(audio.content[0].mimeType, 'audio/wav');
    });
    await check('tools/call, structured content', async () => {
        const result = await client.callTool({ name: 'test_structured_content', arguments: { x: 2, y: 40 } });
        assert.deepEqual(result.structuredContent, { sum: 42 });
    });
    await check('tools/call, an error of the tool', async () => {
        const result = await client.callTool({ name: 'test_error_handling', arguments: {} });
        assert.equal(result.isError, true);
        assert.equal(text(result), 'This tool intentionally returns an error for testing');
    });
    await check('tools/call, bad arguments are an error of the tool', async () => {
        const result = await client.callTool({ name: 'test_structured_content', arguments: { x: 'two' } });
        assert.equal(result.isError, true);
    });
    await check('tools/call, an unknown tool is refused', async () => {
        await assert.rejects(client.callTool({ name: 'no_such_tool' }), error => error.code === -32602);
    });
    await check('tools/call, a mirrored parameter', async () => {
        const result = await client.callTool({ name: 'test_custom_header', arguments: { value: 'zażółć' } });
        assert.ok(text(result).includes('zażółć'), text(result));
    });
    await check('calls run side by side', async () => {
        const controller = new AbortController();
        const slow = client.callTool({ name: 'test_slow', arguments: { ms: 10_000 } }, { signal: controller.signal });
        const ended = slow.catch(() => 'cancelled');
        await limited(client.callTool({ name: 'test_simple_text' }), 3000, 'a quick call beside a slow one');
        controller.abort();
        assert.equal(await ended, 'cancelled');
    });
}

async function others(client) {
    await check('resources/read', async () => {
        const plain = await client.readResource({ uri: 'test://static-text' });
        assert.equal(plain.contents[0].text, 'This is the content of the static text resource.');
        const binary = await client.readResource({ uri: 'test://static-binary' });
        assert.ok(binary.contents[0].blob.length > 0);
        const template = await client.readResource({ uri: 'test://template/123/data' });
        assert.equal(JSON.parse(template.contents[0].text).id, '123');
    });
    await check('resources/read, an unknown resource is refused', async () => {
        await assert.rejects(client.readResource({ uri: 'test://no-such-thing' }), error => error.code === -32602);
    });
    await check('prompts/get', async () => {
        const { messages } = await client.getPrompt({
            name: 'test_prompt_with_arguments',
            arguments: { arg1: 'one', arg2: 'two' },
        });
        assert.equal(messages[0].content.text, "Prompt with arguments: arg1='one', arg2='two'");
    });
    await check('completion/complete', async () => {
        const { completion } = await client.complete({
            ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
            argument: { name: 'arg1', value: 'test' },
        });
        assert.ok(completion.values.every(value => value.startsWith('test')) && completion.values.length > 0);
    });
}

async function inputs(client) {
    const call = name => client.callTool({ name, arguments: {} });
    await check('an elicitation round trip', async () => {
        assert.equal(text(await call('test_input_required_result_elicitation')), 'Hello, Alice!');
    });
    await check('an elicitation by URL', async () => {
        assert.match(text(await call('test_input_required_result_url')), /accept/);
    });
    await check('input over two rounds, with request state', async () => {
        const answer = text(await call('test_input_required_result_multi_round'));
        assert.match(answer, /Alice/);
        assert.match(answer, /blue/);
    });
    await check('three inputs at once', async () => {
        const answer = text(await call('test_input_required_result_multiple_inputs'));
        for (const part of [/Alice/, /Paris/, /file:\/\/\/peer\/folder/]) assert.match(answer, part);
    });
    await check('request state that was tampered with is refused', async () => {
        const name = 'test_input_required_result_tampered_state';
        const first = await client.callTool({ name, arguments: {} }, { allowInputRequired: true });
        const [key] = Object.keys(first.inputRequests);
        await assert.rejects(
            client.callTool({
                name,
                arguments: {},
                inputResponses: { [key]: { action: 'accept', content: { ok: true } } },
                requestState: `${first.requestState}-TAMPERED`,
            }),
            error => error.code === -32602,
        );
    });
    await check('a prompt that asks for input', async () => {
        const { messages } = await client.getPrompt({ name: 'test_input_required_result_prompt' });
        assert.match(messages[0].content.text, /a peer/);
    });
}

async function streams(client) {
    await check('progress', async () => {
        const seen = [];
        await client.callTool(
            { name: 'test_tool_with_progress', arguments: {} },
            { onprogress: progress => seen.push(progress) },
        );
        assert.deepEqual(seen.map(it => [it.progress, it.total]), [[0, 100], [50, 100], [100, 100]]);
    });
    await check('log messages, only when asked for', async () => {
        const seen = [];
        client.setNotificationHandler('notifications/message', it => { seen.push(it.params.level); });
        await client.callTool({ name: 'test_logging_tool', arguments: {} });
        assert.equal(seen.length, 0, 'a log message came unasked');
        const _meta = { 'io.modelcontextprotocol/logLevel': 'info' };
        await client.callTool({ name: 'test_logging_tool', arguments: {}, _meta });
        assert.ok(seen.length > 0 && seen.every(level => level !== 'debug'), `levels: ${seen}`);
    });
    await check('cancellation reaches the work', async () => {
        const count = async () => {
            const result = await client.callTool({ name: 'test_dropped_calls', arguments: {} });
            return result.structuredContent.count;
        };
        const before = await count();
        const controller = new AbortController();
        const begun = arrival();
        const call = client.callTool(
            { name: 'test_slow', arguments: { ms: 60_000 } },
            { signal: controller.signal, onprogress: begun.arrived },
        );
        const ended = assert.rejects(call);
        await limited(begun.promise, 5000, 'the first progress');
        controller.abort('the peer lost interest');
        await ended;
        await eventually('the end of the work', 5000, async () => (await count()) > before);
    });
}

async function subscriptions(client) {
    const heard = [];
    const hear = method => client.setNotificationHandler(method, it => { heard.push([method, it.params?.uri]); });
    hear('notifications/tools/list_changed');
    hear('notifications/prompts/list_changed');
    hear('notifications/resources/updated');
    const trigger = name => client.callTool({ name, arguments: {} });

    await check('a subscription sees the tools change', async () => {
        heard.length = 0;
        const stream = await client.listen({ toolsListChanged: true });
        assert.equal(stream.honoredFilter.toolsListChanged, true);
        await trigger('test_trigger_tool_change');
        await eventually('the notification', 3000, () => heard.length > 0);
        assert.deepEqual(heard, [['notifications/tools/list_changed', undefined]]);
        await stream.close();
        assert.equal(await stream.closed, 'local');
    });
    await check('a subscription sees nothing it did not ask for', async () => {
        heard.length = 0;
        const stream = await client.listen({ promptsListChanged: true });
        await trigger('test_trigger_tool_change');
        await trigger('test_trigger_prompt_change');
        await eventually('the notification', 3000, () => heard.length > 0);
        assert.deepEqual(heard, [['notifications/prompts/list_changed', undefined]]);
        await stream.close();
    });
    await check('a subscription sees a resource change', async () => {
        heard.length = 0;
        const stream = await client.listen({ resourceSubscriptions: ['test://watched-resource'] });
        await trigger('test_trigger_resource_change');
        await eventually('the notification', 3000, () => heard.length > 0);
        assert.deepEqual(heard, [['notifications/resources/updated', 'test://watched-resource']]);
        await stream.close();
    });
}

async function main() {
    const client = newClient();
    let connected = false;
    await check('server/discover', async () => {
        await client.connect(transport());
        connected = true;
        assert.equal(client.getNegotiatedProtocolVersion(), REVISION);
        const found = await client.discover();
        assert.ok(found.supportedVersions.includes(REVISION));
        for (const area of ['tools', 'prompts', 'resources', 'completions']) {
            assert.ok(found.capabilities[area], `no capability ${area}`);
        }
        assert.ok(client.getServerVersion()?.name, 'no server name');
    });
    if (connected) {
        await lists(client);
        await calls(client);
        await others(client);
        await inputs(client);
        await streams(client);
        await subscriptions(client);
        await check('close', () => client.close());
    }
    return failures === 0 ? 0 : 1;
}

limited(main(), RUN_LIMIT, 'the run').then(
    code => process.exit(code),
    error => {
        console.log(`FAIL run: ${error?.message ?? error}`);
        process.exit(1);
    },
);
