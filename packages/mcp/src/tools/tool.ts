import type {
  CallToolResult,
  InputRequiredResult,
  McpServer,
  ServerContext,
  ToolAnnotations,
} from '@modelcontextprotocol/server';
import type { z } from 'zod';
import type { Toolkit } from '../toolkit.ts';

/** One call of a tool. */
export interface ToolCall {
  toolkit: Toolkit;
  ctx: ServerContext;
  server: McpServer;
}

/** A result, or a question to the human who uses the client. */
export type ToolResult<Output> = Output | { ask: InputRequiredResult };

/** A tool: its shapes, and what it does. */
export interface Tool<Input extends z.ZodObject, Output extends z.ZodObject> {
  name: string;
  title: string;
  description: string;
  input: Input;
  output: Output;
  annotations: ToolAnnotations;
  run(asked: z.output<Input>, call: ToolCall): Promise<ToolResult<z.output<Output>>>;
}

/** Lets the types of a tool be inferred. */
export const tool = <Input extends z.ZodObject, Output extends z.ZodObject>(made: Tool<Input, Output>): Tool<Input, Output> =>
  made;

/** Content that nobody here wrote or checked: clients must not obey it. */
const UNTRUSTED = 'tributary/untrusted';
/** Code and status of a refusal. */
const REFUSED = 'tributary/error';

/** Adds a tool to a server. Its result is sent as structured content, and as the same JSON in one text. */
export function addTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  server: McpServer,
  { name, title, description, input, output, annotations, run }: Tool<Input, Output>,
  toolkitOf: (ctx: ServerContext) => Toolkit,
): void {
  const call = async (asked: z.output<Input>, ctx: ServerContext): Promise<CallToolResult | InputRequiredResult> => {
    const toolkit = toolkitOf(ctx);
    try {
      const result = await run(asked, { toolkit, ctx, server });
      return 'ask' in result ? (result.ask as InputRequiredResult) : complete(result);
    } catch (error) {
      return refused(toolkit.refusal(error));
    }
  };
  const config = { title, description, inputSchema: input, outputSchema: output, annotations };
  server.registerTool(name, config, call as never);
}

function complete(output: object): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(output) }],
    structuredContent: output as Record<string, unknown>,
    _meta: { [UNTRUSTED]: true },
  };
}

function refused({ code, message, status, retry }: ReturnType<Toolkit['refusal']>): CallToolResult {
  return {
    isError: true,
    content: [{ type: 'text', text: `${code}: ${message}` }],
    _meta: { [REFUSED]: { code, status, retry } },
  };
}
