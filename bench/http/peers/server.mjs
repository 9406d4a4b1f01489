// A server made with the TypeScript SDK, for the bench.
//
// Run in the folder that @modelcontextprotocol/server, @modelcontextprotocol/node and zod were installed
// into. It takes a free port of the loopback address, prints its address, and ends when its stdin does.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const { McpServer, createMcpHandler } = require('@modelcontextprotocol/server');
const { localhostHostValidation, localhostOriginValidation, toNodeHandler } = require('@modelcontextprotocol/node');
const { z } = require('zod');

const TOOLS = 20;
const description = 'Gives back the text that it was given, for models that want to see it again';
const inputSchema = z.object({ text: z.string() });
const answer = string => ({ content: [{ type: 'text', text: string }] });

// A server object for each request, as this handler asks for.
function newServer() {
    const server = new McpServer({ name: 'bench', version: '1' });
    server.registerTool('echo', { description, inputSchema }, async args => answer(args.text));
    server.registerTool('steps', { description, inputSchema }, async (args, ctx) => {
        const progressToken = ctx.mcpReq._meta?.progressToken;
        for (const progress of [1, 2]) {
            const params = { progressToken, progress, total: 2 };
            await ctx.mcpReq.notify({ method: 'notifications/progress', params });
        }
        return answer(args.text);
    });
    for (let number = 2; number < TOOLS; number++) {
        const name = `tool_${String(number).padStart(5, '0')}`;
        server.registerTool(name, { description, inputSchema }, async args => answer(args.text));
    }
    return server;
}

const handler = toNodeHandler(createMcpHandler(newServer, { legacy: 'reject', responseMode: 'auto' }));
const hostIsLocal = localhostHostValidation();
const originIsLocal = localhostOriginValidation();
const server = createServer((request, response) => {
    if (!hostIsLocal(request, response) || !originIsLocal(request, response)) return;
    void handler(request, response);
});
server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${server.address().port}`));
process.stdin.resume().once('end', () => process.exit(0));
