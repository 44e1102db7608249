import type { DocumentInfo, IndexInfo } from '@tributary/store';
import { expect, it } from 'vitest';
import { parsePolicy } from '../policy/policy.ts';
import { previewPublication } from './publication.ts';

const document = (path: string, records: number): DocumentInfo => ({
  namespace: '',
  document: path,
  file: `/${path}`,
  bytes: 1,
  time: 0,
  records,
  sell: 'full',
  whole: true,
  leftOut: null,
  flagged: { count: 0, flags: [] },
});
const info = { id: 'rivers@0', records: 10, questions: [], model: { id: 'toy' } } as unknown as IndexInfo;

it('says how many records each rule decides, even when it is none', () => {
  const sell = [
    { glob: 'drafts/**', sell: 'never' },
    { glob: 'drafts/open.jsonl', sell: 'full' },
    { glob: 'secrets/**', sell: 'never' },
  ];
  const documents = [document('drafts/a.md', 2), document('drafts/open.jsonl', 5), document('b.md', 1), document('c.md', 2)];
  const { rules } = previewPublication(info, parsePolicy(JSON.stringify({ sell }), 'test'), 'credit', documents);
  expect(rules).toEqual([
    'drafts/**: 2 records of 1 document not sold',
    'drafts/open.jsonl: 5 records of 1 document sold',
    'secrets/**: matches no document',
    'without a rule: 3 records of 2 documents sold',
  ]);
  expect(previewPublication(info, parsePolicy('{}', 'test'), 'credit', documents).rules).toEqual([
    'no rules: all records are sold',
  ]);
});
