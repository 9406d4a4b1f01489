// A server made with the TypeScript SDK, for our client to be tested against.
//
//   node server.mjs stdio
//   node server.mjs http [auto|sse]
//
// With `sse` every answer is an event stream, also those that would do without one.
// Run in the folder that @modelcontextprotocol/server, @modelcontextprotocol/node and zod were installed
// into. Over HTTP it takes a free port of the loopback address and prints one line,
// `listening http://127.0.0.1:PORT/mcp`. It ends when its standard input ends. server.py offers the same.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(join(process.cwd(), 'package.json'));
const { McpServer, ResourceTemplate, completable, createMcpHandler, createRequestStateCodec, acceptedContent,
    inputRequired, inputResponse } = require('@modelcontextprotocol/server');
const { serveStdio } = require('@modelcontextprotocol/server/stdio');
const { localhostHostValidation, localhostOriginValidation, toNodeHandler } = require('@modelcontextprotocol/node');
const { z } = require('zod');

const PAGES = 30;
const PAGE_SIZE = 10;
const PEOPLE = ['Ada', 'Alan', 'Barbara', 'Grace'];
const WATCHED = 'test://text';
// Short, so that a client meets the comments that keep a stream open.
const KEEP_ALIVE_MS = 200;

const state = createRequestStateCodec({ key: randomBytes(32), ttlSeconds: 60 });
// Over HTTP every request has a server object of its own, so what is counted is kept out here.
let cancellations = 0;
// Likewise the change notifications: over HTTP they go through the handler, on stdio through the server.
let overHttp;

const text = string => ({ content: [{ type: 'text', text: string }] });

function addPlainTools(server) {
    server.registerTool(
        'echo',
        { description: 'Gives the text back', inputSchema: z.object({ text: z.string() }) },
        async args => text(args.text),
    );
    server.registerTool(
        'add',
        {
            title: 'Addition',
            inputSchema: z.object({ a: z.number(), b: z.number() }),
            outputSchema: z.object({ sum: z.number() }),
            annotations: { readOnlyHint: true },
        },
        async ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }),
    );
    server.registerTool('fail', { description: 'Always fails' }, async () => ({
        ...text('told to fail'),
        isError: true,
    }));
    server.registerTool(
        'region',
        {
            description: 'Says which region it was called for',
            inputSchema: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }), note: z.string().optional() }),
        },
        async ({ region }, ctx) => text(`${region} (header: ${ctx.http?.req?.headers.get('mcp-param-region') ?? 'none'})`),
    );
}

function addStreamingTools(server) {
    server.registerTool(
        'slow',
        {
            description: 'Three steps of progress spread over `ms` milliseconds, then a result',
            inputSchema: z.object({ ms: z.number().default(150) }),
        },
        async ({ ms }, ctx) => {
            const progressToken = ctx.mcpReq._meta?.progressToken;
            try {
                for (const progress of [0.5, 1, 1.5]) {
                    const params = { progressToken, progress, total: 1.5, message: `at ${progress}` };
                    if (progressToken !== undefined) {
                        await ctx.mcpReq.notify({ method: 'notifications/progress', params });
                    }
                    await sleep(ms / 3, undefined, { signal: ctx.mcpReq.signal });
                }
            } catch (error) {
                if (ctx.mcpReq.signal.aborted) cancellations += 1;
                throw error;
            }
            return text('done');
        },
    );
    server.registerTool(
        'cancelled',
        { description: 'How many calls of `slow` were cancelled', outputSchema: z.object({ count: z.number() }) },
        async () => ({ ...text(String(cancellations)), structuredContent: { count: cancellations } }),
    );
    server.registerTool('log', { description: 'Logs at the levels debug and info' }, async ctx => {
        await ctx.mcpReq.log('debug', 'a detail', 'test');
        await ctx.mcpReq.log('info', { said: 'something' }, 'test');
        return text('logged');
    });
    server.registerTool('trigger', { description: `Says that the tools and ${WATCHED} changed` }, async () => {
        if (overHttp === undefined) {
            await server.server.sendToolListChanged();
            await server.server.sendResourceUpdated({ uri: WATCHED });
        } else {
            overHttp.notify.toolsChanged();
            overHttp.notify.resourceUpdated(WATCHED);
        }
        return text('triggered');
    });
}

function addAskingTools(server) {
    const person = z.object({ name: z.string().min(1) });
    const askName = () => inputRequired.elicit({ message: 'What is your name?', requestedSchema: person });

    server.registerTool('ask', { description: 'Asks for a name, then greets' }, async ctx => {
        const answer = inputResponse(ctx.mcpReq.inputResponses, 'name');
        if (answer.kind === 'elicit' && answer.action !== 'accept') return text(`No name: ${answer.action}`);
        const given = acceptedContent(ctx.mcpReq.inputResponses, 'name', person);
        if (given === undefined) return inputRequired({ inputRequests: { name: askName() } });
        return text(`Hello, ${given.name}!`);
    });
    server.registerTool('ask_all', { description: 'Asks for everything at once, with a state' }, async ctx => {
        const answers = ctx.mcpReq.inputResponses;
        const given = acceptedContent(answers, 'name', person);
        const sampled = inputResponse(answers, 'capital');
        const listed = inputResponse(answers, 'roots');
        const { started } = ctx.mcpReq.requestState() ?? {};
        if (started !== true || given === undefined || sampled.kind !== 'sampling' || listed.kind !== 'roots') {
            return inputRequired({
                inputRequests: {
                    name: askName(),
                    capital: inputRequired.createMessage({
                        messages: [{ role: 'user', content: { type: 'text', text: 'Capital of France?' } }],
                        maxTokens: 20,
                    }),
                    roots: inputRequired.listRoots(),
                },
                requestState: await state.mint({ started: true }),
            });
        }
        const roots = listed.roots.map(root => root.uri).join(' ');
        return text(`${given.name}, ${[sampled.result.content].flat()[0]?.text}, ${roots}`);
    });
}

function addResources(server) {
    server.registerResource(
        'text',
        'test://text',
        { mimeType: 'text/plain', cacheHint: { ttlMs: 5000, cacheScope: 'private' } },
        async uri => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'some text' }] }),
    );
    server.registerResource('blob', 'test://blob', { mimeType: 'application/octet-stream' }, async uri => ({
        contents: [{ uri: uri.href, mimeType: 'application/octet-stream', blob: Buffer.from([0, 1, 2, 255]).toString('base64') }],
    }));
    server.registerResource(
        'item',
        new ResourceTemplate('test://item/{id}', {
            list: undefined,
            complete: { id: value => ['1', '12', '123'].filter(id => id.startsWith(value)) },
        }),
        { mimeType: 'application/json' },
        async (uri, { id }) => ({
            contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify({ id }) }],
        }),
    );
    const listed = [
        { uri: 'test://text', name: 'text', mimeType: 'text/plain' },
        { uri: 'test://blob', name: 'blob', mimeType: 'application/octet-stream' },
    ];
    for (let number = 1; number <= PAGES; number += 1) {
        const name = `page-${String(number).padStart(2, '0')}`;
        const uri = `test://page/${number}`;
        listed.push({ uri, name });
        server.registerResource(name, uri, {}, async () => ({ contents: [{ uri, text: `page ${number}` }] }));
    }
    // McpServer lists everything at once; a handler of the lower level takes its place to give pages.
    server.server.setRequestHandler('resources/list', async request => {
        const { cursor } = request.params ?? {};
        const start = cursor === undefined ? 0 : Number(/^at-(\d+)$/.exec(cursor)?.[1] ?? Number.NaN);
        if (!(start < listed.length)) throw Object.assign(new Error('unknown cursor'), { code: -32602 });
        const end = start + PAGE_SIZE;
        return {
            resources: listed.slice(start, end),
            ...(end < listed.length && { nextCursor: `at-${end}` }),
        };
    });
}

function addPrompts(server) {
    const who = completable(z.string().describe('Who is greeted'), value =>
        PEOPLE.filter(name => name.toLowerCase().startsWith(value.toLowerCase())),
    );
    server.registerPrompt('greet', { description: 'A greeting', argsSchema: z.object({ who }) }, async args => ({
        messages: [{ role: 'user', content: { type: 'text', text: `Say hello to ${args.who}.` } }],
    }));
}

function newServer() {
    const hint = { ttlMs: 60_000, cacheScope: 'public' };
    const server = new McpServer(
        { name: 'peer-server-typescript', version: '1.0.0', title: 'Peer' },
        {
            instructions: 'A server to test clients with.',
            capabilities: { logging: {}, resources: { subscribe: true } },
            cacheHints: { 'server/discover': hint, 'tools/list': hint, 'resources/list': hint },
            requestState: { verify: state.verify },
        },
    );
    addPlainTools(server);
    addStreamingTools(server);
    addAskingTools(server);
    addResources(server);
    addPrompts(server);
    return server;
}

function listen() {
    const handler = createMcpHandler(newServer, {
        legacy: 'reject',
        responseMode: process.argv[3] ?? 'auto',
        keepAliveMs: KEEP_ALIVE_MS,
    });
    overHttp = handler;
    const answer = toNodeHandler(handler);
    const hostIsLocal = localhostHostValidation();
    const originIsLocal = localhostOriginValidation();
    const server = createServer((request, response) => {
        if (!hostIsLocal(request, response) || !originIsLocal(request, response)) return;
        if (request.url === '/mcp') void answer(request, response);
        else response.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${server.address().port}/mcp`));
    process.stdin.resume().once('end', async () => {
        // This ends open subscriptions with their result; what has not been read after a while is cut off.
        await handler.close();
        server.close();
        server.closeIdleConnections();
        setTimeout(() => process.exit(0), 500).unref();
    });
}

if (process.argv[2] === 'http') listen();
else if (process.argv[2] === 'stdio') serveStdio(newServer, { legacy: 'reject' });
else {
    console.error('usage: node server.mjs stdio|http [auto|sse]');
    process.exitCode = 2;
}
