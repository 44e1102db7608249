import { StoreError } from '../../errors.ts';
import type { IngestTarget } from '../types.ts';
import { rejectedListedMax } from '../../limits.ts';
import type { IngestOptions, IngestReport, LeftOutCounts, RejectedFile } from '../../reports.ts';
import { openSplitter, type Splitter } from '../split/splitter.ts';
import type { Embedder } from '../../embedding.ts';
import type { ChunkFacts } from '../address.ts';
import { openParser, type DocumentParser } from '../parse/parse.ts';
import { madeFrom } from './unchanged.ts';
import type { SkipReason } from '../walk.ts';

/** Everything that an ingest leaves out, with the reasons. */
export interface LeftOutList {
  readonly files: RejectedFile[];
  readonly counts: LeftOutCounts;
  add(file: string, code: RejectedFile['code'], reason: string): void;
  skip(path: string, reason: SkipReason, same?: string): void;
}

/** What the steps of one ingest share. */
export interface Run {
  options: IngestOptions;
  facts: ChunkFacts;
  /** Digest of everything besides the bytes of files that determines chunks. */
  made: string;
  target: IngestTarget;
  embedder: Embedder;
  parser: DocumentParser;
  splitter: Splitter;
  leftOut: LeftOutList;
  /** Hears how many chunks of a document are new, before they are embedded. */
  onFound?: (chunks: number) => void;
}

/** @throws StoreError MODEL_NOT_FOUND for an index that cannot embed */
export function startRun(options: IngestOptions, target: IngestTarget, parser?: DocumentParser): Run {
  const { namespace = '', licence = null, sell = 'full', metadata = {} } = options;
  if (target.embedder === null) {
    throw new StoreError(
      'MODEL_NOT_FOUND',
      `index ${target.name} has no embedding model here; create it with one, or write vectors yourself`,
    );
  }
  return {
    options,
    facts: { namespace, licence, sell: typeof sell === 'function' ? sell : () => sell, metadata },
    made: madeFrom(options),
    target,
    embedder: target.embedder,
    parser: parser ?? openParser(),
    splitter: openSplitter(target.embedder, options.chunkTokens),
    leftOut: createLeftOut(),
  };
}

export async function endRun({ parser, splitter }: Run): Promise<void> {
  await Promise.all([parser.close(), splitter.close()]);
}

/** What an ingest reports before it has done anything. */
export const emptyReport = ({ leftOut }: Run): IngestReport => ({
  files: 0,
  parsed: 0,
  documents: 0,
  chunks: { added: 0, unchanged: 0, removed: 0 },
  rejected: leftOut.files,
  rejectedCount: 0,
  passedOver: leftOut.counts,
  flagged: { count: 0, documents: [] },
  seconds: 0,
  aborted: false,
});

const REASONS: Record<Exclude<SkipReason, 'hidden' | 'ignored'>, Omit<RejectedFile, 'file'>> = {
  unreadable: { code: 'PARSE_UNREADABLE', reason: 'it cannot be read; check its permissions' },
  unsupported: { code: 'PARSE_UNSUPPORTED', reason: 'no parser reads this kind of file' },
  symlink: { code: 'PARSE_UNSUPPORTED', reason: 'a link to a folder, to something outside the given folder, or to nothing' },
  'too-deep': { code: 'PARSE_TOO_LARGE', reason: 'the folder is nested too deeply' },
  special: { code: 'PARSE_UNSUPPORTED', reason: 'not a regular file' },
  duplicate: { code: 'PARSE_UNSUPPORTED', reason: 'the same file as' },
};

function createLeftOut(): LeftOutList {
  const files: RejectedFile[] = [];
  const counts = { rejected: 0, hidden: 0, ignored: 0 };
  const add = (file: string, code: RejectedFile['code'], reason: string): void => {
    counts.rejected += 1;
    if (files.length < rejectedListedMax) files.push({ file, code, reason });
  };
  return {
    files,
    counts,
    add,
    skip(path, why, same) {
      if (why === 'hidden' || why === 'ignored') return void (counts[why] += 1);
      const { code, reason } = REASONS[why];
      add(path, code, same === undefined ? reason : `${reason} ${same}`);
    },
  };
}
