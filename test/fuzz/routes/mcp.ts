import type { Table } from './types.ts';

const accept = 'application/json, text/event-stream';
const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
};
const request = (method: string, params: object) => ({
  path: '/mcp',
  body: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } },
  headers: { accept, 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...nameOf(params) },
});
const nameOf = (params: object): Record<string, string> => ('name' in params ? { 'mcp-name': String(params.name) } : {});
const tool = (name: string, args: object) => request('tools/call', { name, arguments: args });
const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'fuzz', version: '1' } };
const record = `record.${Buffer.from(JSON.stringify([`texts@${'ab'.repeat(16)}`, '', 'a'])).toString('base64url')}`;

/** The Model Context Protocol, and the pages that its answers link to. */
export const MCP: Table = {
  'POST /mcp': [
    tool('search', { query: 'ferry' }),
    tool('fetch', { id: 'answer.{receipt}.0' }),
    tool('fetch', { id: record }),
    tool('query_index', { query: 'ferry', index: '{other}', topK: 2, mode: 'bm25', max_tokens: 500, minWriters: 1 }),
    tool('query_index', { query: 'ferry', index: 'texts', filter: { lang: 'en' }, includeFlagged: true }),
    tool('list_indexes', {}),
    tool('describe_index', { index: 'texts' }),
    tool('verify_result', { receipt: '{receipt}' }),
    tool('budget', {}),
    tool('upsert_documents', { index: 'texts', documents: [{ text: 'A note.', title: 't', uri: 'https://a.example' }] }),
    tool('delete_documents', { index: 'texts', ids: ['a'], confirm: true }),
    request('server/discover', {}),
    request('tools/list', {}),
    { path: '/mcp', body: { jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize }, headers: { accept } },
    { path: '/mcp', body: { jsonrpc: '2.0', id: 2, method: 'tools/list' }, headers: { accept, 'mcp-session-id': 'none' } },
  ],
  'GET /mcp': [{ path: '/mcp', headers: { accept: 'text/event-stream', 'mcp-session-id': 'none' } }],
  'DELETE /mcp': [{ path: '/mcp', headers: { 'mcp-session-id': 'none' } }],
  'GET /.well-known/oauth-protected-resource': [{ path: '/.well-known/oauth-protected-resource' }],
  'GET /.well-known/oauth-protected-resource/mcp': [{ path: '/.well-known/oauth-protected-resource/mcp' }],
  'GET /read/:id': [{ path: '/read/answer.{receipt}.0?link=abc' }, { path: `/read/${record}` }],
};
