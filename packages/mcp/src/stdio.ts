import { serveStdio as serve } from '@modelcontextprotocol/server/stdio';
import { createMcpServer, type McpServerConfig } from './server.ts';
import type { Toolkit } from './toolkit.ts';

export interface StdioOptions extends Omit<McpServerConfig, 'toolkitOf'> {
  toolkit: Toolkit;
  onerror(error: Error): void;
}

/**
 * Speaks the protocol on this process's standard input and output, in both eras. The connection is one session. Nothing
 * else may write to standard output.
 */
export function serveStdio({ toolkit, onerror, ...config }: StdioOptions): { close(): Promise<void> } {
  return serve(() => createMcpServer({ ...config, toolkitOf: () => toolkit }), { onerror });
}
