import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { queryTextBytesMax, text } from '@tributary/schemas';
import { z } from 'zod';
import { isOwnPage, PAGE_HEADERS } from '../guard.ts';
import type { GatewayRoute, PageFiles } from '../types.ts';

interface Asset {
  body: Buffer;
  packed: Buffer;
  tag: string;
}
type Assets = Record<keyof PageFiles, Asset>;

/** The page and its two assets, bundled once and served from memory. */
export function pageRoutes(page: () => Promise<PageFiles>): GatewayRoute[] {
  const assets = page().then(withTags);
  // Whoever requests the page gets the error. A gateway without a page still works.
  assets.catch(() => undefined);
  return [pageRoute(assets), assetRoute(assets, 'js', 'text/javascript'), assetRoute(assets, 'css', 'text/css')];
}

function pageRoute(assets: Promise<Assets>): GatewayRoute {
  return {
    method: 'GET',
    url: '/',
    id: 'page',
    summary: 'The page for browsers.',
    access: 'public',
    query: {
      q: {
        schema: text(queryTextBytesMax),
        description: 'Question to fill in; asked at once only when the page itself leads here.',
      },
      index: { schema: z.string(), description: 'Index to ask, by name or id.' },
    },
    replies: { 200: { description: 'The page.', mediaType: 'text/html' } },
    async handler(request, reply) {
      const { body } = (await assets).html;
      void reply.headers(PAGE_HEADERS).header('cache-control', 'no-store').type('text/html; charset=utf-8');
      // A link may fill in a question, but only the reader, or the page itself, may spend on it.
      return isOwnPage(request) ? body.toString().replace('data-ask="wait"', 'data-ask="now"') : body;
    },
  };
}

function assetRoute(assets: Promise<Assets>, name: 'js' | 'css', type: string): GatewayRoute {
  return {
    method: 'GET',
    url: `/assets/page.${name}`,
    id: `page-${name}`,
    summary: name === 'js' ? 'Script of the page.' : 'Style of the page.',
    access: 'public',
    replies: { 200: { description: 'The file.', mediaType: type }, 304: { description: 'Not changed.' } },
    async handler(request, reply) {
      const { body, packed, tag } = (await assets)[name];
      void reply.header('etag', tag).header('cache-control', 'no-cache').header('vary', 'accept-encoding');
      if (request.headers['if-none-match'] === tag) return reply.code(304).send();
      void reply.type(`${type}; charset=utf-8`);
      if (!/\bgzip\b/.test(String(request.headers['accept-encoding']))) return body;
      void reply.header('content-encoding', 'gzip');
      return packed;
    },
  };
}

/** They are compressed once. The tag is weak, because it is the same for both forms. */
async function withTags(files: PageFiles): Promise<Assets> {
  const asset = async (content: string): Promise<Asset> => ({
    body: Buffer.from(content),
    packed: await pack(content, { level: constants.Z_BEST_COMPRESSION }),
    tag: `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
  });
  const [html, js, css] = await Promise.all([files.html, files.js, files.css].map(asset));
  return { html: html!, js: js!, css: css! };
}

const pack = promisify(gzip);
