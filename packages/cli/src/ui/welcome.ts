/** How this program is called: from a package that was installed, or from the checkout. */
const command = import.meta.url.includes('/node_modules/') ? 'npx tributary' : 'npm run -s tributary --';

/** The message of `tributary start` once everything runs. */
export function welcome(
  url: string,
  { index, questions: [question] }: { index: string; questions: readonly [string, ...string[]] },
  data: string,
): string[] {
  const body = JSON.stringify({ query: question, index, topK: 3 });
  return [
    '',
    `Tributary runs. Page: ${url}/`,
    '',
    'Ask, with curl:',
    `  curl -s ${url}/v1/query -H 'content-type: application/json' -d '${body}'`,
    'or with the command line, which verifies the answer itself:',
    `  ${command} query "${question}" --index ${index} -k 3 --gateway ${url} --proof proof.json`,
    'Check the proof, offline (exit code 2: consistent, keys not pinned yet):',
    `  ${command} verify proof.json`,
    '',
    `Keys, indexes and ledgers are stored in ${data}`,
    `Ctrl-C stops everything. After that, this command removes all of it: rm -r ${quoted(data)}`,
  ];
}

const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
