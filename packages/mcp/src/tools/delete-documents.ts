import { acceptedContent, CLIENT_CAPABILITIES_META_KEY, inputRequired } from '@modelcontextprotocol/server';
import { namespace, recordId } from '@tributary/schemas';
import { z } from 'zod';
import { McpError } from '../errors.ts';
import { toolDocumentsMax } from '../limits.ts';
import { tool, type ToolCall } from './tool.ts';

const KEY = 'confirm';
const confirmation = z.object({ confirm: z.boolean().describe('Delete these documents for good') });

export const deleteDocuments = tool({
  name: 'delete_documents',
  title: 'Delete documents',
  description:
    'Deletes documents of an own index for good. The user is asked first, if the client can ask; otherwise confirm must be true, ' +
    'which only the user may decide.',
  input: z.object({
    index: z.string().min(1).max(128),
    namespace: namespace.optional(),
    ids: z.array(recordId).min(1).max(toolDocumentsMax),
    confirm: z.boolean().default(false).describe('True once the user has agreed. Not needed where the client asks the user.'),
  }),
  output: z.object({ deleted: z.number(), sequence: z.number() }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async run({ index, namespace: where = '', ids, confirm }, call) {
    const { library } = call.toolkit;
    if (canAsk(call)) {
      const { inputResponses } = call.ctx.mcpReq;
      if (inputResponses?.[KEY] === undefined) return { ask: question(index, ids) };
      if (acceptedContent(inputResponses, KEY, confirmation)?.confirm !== true) throw refused('the user did not agree');
    } else if (!confirm) throw refused('ask the user, then repeat the call with confirm: true');
    const { count, sequence } = await library.remove({ index, namespace: where }, ids);
    return { deleted: count, sequence };
  },
});

const refused = (why: string): McpError => new McpError('CONFIRMATION_NEEDED', `nothing was deleted: ${why}`);

function question(index: string, ids: readonly string[]) {
  const named = ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');
  return inputRequired({
    inputRequests: {
      [KEY]: inputRequired.elicit({
        message: `Delete ${ids.length} of the documents of '${index}' for good? ${named}`,
        requestedSchema: confirmation,
      }),
    },
  });
}

/** Whether the client can put a form before its user. */
function canAsk({ ctx, server }: ToolCall): boolean {
  const envelope = ctx.mcpReq.envelope as Record<string, unknown> | undefined;
  const stated = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities();
  return capable(stated as Capabilities | undefined);
}

type Capabilities = { elicitation?: { form?: object; url?: object } };
const capable = (stated: Capabilities | undefined): boolean => {
  const { elicitation } = stated ?? {};
  // Before there were two kinds, an empty object stood for forms.
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
};
