import { citationOf, createSpendCap, labelsOf, McpError, readPassage, titleOf, type Passage } from '@tributary/mcp';
import { z } from 'zod';
import { anybody } from '../../api-keys/caller.ts';
import { PAGE_HEADERS } from '../../gateway/guard.ts';
import type { InFlight } from '../../gateway/in-flight.ts';
import { gatewayParamCharsMax } from '../../gateway/limits.ts';
import { ASKING } from '../../gateway/route-codes.ts';
import type { GatewayDeps, GatewayRoute } from '../../gateway/types.ts';
import { createCallerLibrary } from '../caller-library.ts';
import type { Links } from '../links.ts';
import { toHtml } from './html.ts';

/** A passage as a page, for the human to whom an agent cites it. Nothing is asked anew, so nothing is paid. */
export function readingRoute(deps: GatewayDeps, inFlight: InFlight, links: Links): GatewayRoute {
  return {
    method: 'GET',
    url: '/read/:id',
    id: 'read-passage',
    summary: 'A passage that an agent cites, with its source and proof.',
    access: 'public',
    params: { id: { schema: z.string().max(gatewayParamCharsMax), description: '`id` of a result of the tools.' } },
    query: { link: { schema: z.string(), description: 'Mark of a link that was made here; needed once there are keys.' } },
    replies: { 200: { description: 'The page.', mediaType: 'text/html' } },
    errors: [...ASKING, 'PASSAGE_NOT_FOUND'],
    async handler(request, reply) {
      const { id } = request.params as { id: string };
      const { link } = request.query as { link?: unknown };
      if (!links.holds(id, typeof link === 'string' ? link : undefined))
        throw new McpError(
          'PASSAGE_NOT_FOUND',
          'this link has ended or is not whole; ask the agent that gave it to search again',
        );
      // The link stands for the key: whoever made it was allowed to read this passage.
      const library = createCallerLibrary(deps, inFlight, { caller: anybody, reply, session: createSpendCap(0n) });
      const passage = await readPassage(id, library);
      void reply.headers(PAGE_HEADERS).header('cache-control', 'no-store').type('text/html; charset=utf-8');
      return toHtml(factsOf(passage), passage.result.text, labelsOf(passage.result.text));
    },
  };
}

function factsOf(passage: Passage) {
  return { ...citationOf(passage, ''), title: titleOf(passage.result) };
}
