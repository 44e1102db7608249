// A gateway that speaks OpenAI's API, with a made-up model and files in a folder of its own.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { GatewayRoute } from '../../src/gateway/types.ts';
import { openOpenAi, type OpenAiOptions } from '../../src/openai/dialect.ts';
import { openGateway } from '../_gateway.ts';
import type { TestKeys } from './api-keys.ts';

const embedder: OpenAiOptions['embedder'] = {
  card: { id: 'test/model', dimensions: [2] },
  dimension: 4,
  embedCounted: async (texts) => ({ vectors: texts.map(() => Float32Array.of(0.6, 0.8, 3, 4)), tokens: texts.length }),
};

/** What the tests read of bodies. */
interface Body {
  id: string;
  data: { id: string; embedding: number[] | string }[];
  has_more: boolean;
  error: { param: string | null };
}

export interface OpenAiReply {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  body: Body;
}

interface Sent {
  headers?: Record<string, string>;
  json?: object;
  form?: FormData;
}

/** Opens it in a folder. With the folder of an earlier one, it starts again. */
export async function openOpenAiGateway({ keys, folder: given }: { keys?: TestKeys; folder?: string } = {}) {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'tributary-openai-')));
  let nowMs = 1_790_000_000_000;
  const openAi = await openOpenAi({ directory: folder, embedder, now: () => (nowMs += 1_000), randomBytes });
  const { gateway } = await openGateway(
    {},
    { dialects: (inFlight) => [openAi.dialect(inFlight)], ...(keys ? { apiKeys: keys.ring } : {}) },
  );
  const close = async (): Promise<void> => {
    await gateway.close();
    await openAi.close();
  };
  let open = true;
  onTestFinished(async () => {
    if (open) await close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    gateway,
    async stop() {
      open = false;
      await close();
    },
    async call(name: string, { headers = {}, json, form }: Sent = {}): Promise<OpenAiReply> {
      const [method, url] = name.split(' ') as [GatewayRoute['method'], string];
      const body = form === undefined ? null : new Response(form);
      const reply = await gateway.app.inject({
        method,
        url,
        headers: {
          host: '127.0.0.1:1',
          ...(body === null ? {} : { 'content-type': body.headers.get('content-type')! }),
          ...headers,
        },
        ...(json === undefined ? {} : { payload: json }),
        ...(body === null ? {} : { payload: Buffer.from(await body.arrayBuffer()) }),
      });
      const isJson = String(reply.headers['content-type']).startsWith('application/json');
      return {
        status: reply.statusCode,
        headers: reply.headers,
        text: reply.body,
        body: isJson ? reply.json<Body>() : ({} as Body),
      };
    },
  };
}

/** A form with a file and other fields. */
export function formOf(
  content: string | Uint8Array<ArrayBuffer>,
  name = 'notes.md',
  fields: Record<string, string> = { purpose: 'assistants' },
) {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set('file', new File([content], name, { type: 'text/markdown' }));
  return form;
}
