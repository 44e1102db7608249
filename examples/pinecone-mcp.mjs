// Points Pinecone's own MCP server (@pinecone-database/mcp) at a node. The server creates its client without the
// address of a controller, and then the client does not read PINECONE_CONTROLLER_HOST either. So requests to
// Pinecone's controller are sent to that address here. The addresses of indexes come from the node's replies.
//
//   PINECONE_CONTROLLER_HOST=http://127.0.0.1:8787 PINECONE_API_KEY=KEY \
//     node --import ./pinecone-mcp.mjs node_modules/@pinecone-database/mcp/dist/index.js
const node = process.env.PINECONE_CONTROLLER_HOST?.replace(/\/+$/, '');
if (node === undefined) throw new Error('PINECONE_CONTROLLER_HOST is not set; give the address of a node');

const send = globalThis.fetch;
globalThis.fetch = (target, options) =>
  send(typeof target === 'string' ? target.replace(/^https:\/\/api\.pinecone\.io(?=\/)/, node) : target, options);
