import { linkRecordsBytesMax } from '@tributary/schemas';
import { nodeRecordsShare } from './limits.ts';

/** What one link may remember of its answers' records, until it ends. */
export interface RecordShare {
  readonly bytes: number;
  leave(): void;
}

/** The memory for records of all links of one kind. */
export interface RecordMemory {
  take(): RecordShare;
}

/**
 * Gives each link its memory for records when it opens, because both sides must agree on it as long as the link lasts
 * (docs/spec/relay.md#records). A link gets a share of what is left, so that each further link has less, some 250 of
 * them something, and all together never more than `bytesMax`.
 */
export function createRecordMemory(bytesMax: number): RecordMemory {
  let left = bytesMax;
  return {
    take() {
      const bytes = Math.min(linkRecordsBytesMax, Math.floor(left / nodeRecordsShare));
      let has = true;
      left -= bytes;
      return {
        bytes,
        leave() {
          if (has) left += bytes;
          has = false;
        },
      };
    },
  };
}
