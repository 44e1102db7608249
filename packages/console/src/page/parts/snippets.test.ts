import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { snippetsOf } from './snippets.ts';

const facts = {
  gateway: 'http://127.0.0.1:8787',
  index: 'rivers@1f7c60124bd27efd2f45b1b0bb67c273',
  query: `what's "$HOME" \\ worth; \`id\``,
  topK: 3,
  maxCharge: 12n,
  keyed: true,
};

test('the words of a question stay words in a shell', () => {
  const curl = snippetsOf(facts)[0]!.text;
  const seen = execFileSync('sh', ['-c', curl.replace('curl', `printf '%s\\n'`)], {
    env: { TRIBUTARY_API_KEY: 'k' },
    encoding: 'utf8',
  });
  const [, , , bearer, , , , body] = seen.split('\n');
  expect(bearer).toBe('authorization: Bearer k');
  expect(JSON.parse(body!)).toMatchObject({ query: facts.query, index: facts.index, maxCharge: '12' });
});

test('a key is named, never shown', () => {
  for (const { text } of snippetsOf(facts)) expect(text).toMatch(/TRIBUTARY_API_KEY|trib_…/);
  for (const { text } of snippetsOf({ ...facts, keyed: false })) expect(text).not.toMatch(/API_KEY|trib_/);
});
