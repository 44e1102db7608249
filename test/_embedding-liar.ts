// A process that sells vectors of another model than it says, after a few honest answers:
// `node _embedding-liar.ts DATA HONEST`. It prints its address.
import { join } from 'node:path';
import { vectorToBase64url } from '@tributary/proof/primitives';
import { readEmbeddingPolicy, startProvider } from '@tributary/relay';
import { silentLog } from '@tributary/relay/testing';
import { openEmbedder } from '@tributary/store';
import { startLiar } from './_liar.ts';
import { modelDirectory } from './_network.ts';
import { writeOtherModel } from './_other-model.ts';

const [, , data = '', honest = '0'] = process.argv;
const provider = await startProvider({
  dataDirectory: data,
  listen: ['/ip4/127.0.0.1/tcp/0'],
  bootstrap: [],
  rendezvous: null,
  modelDirectory,
  policy: (stored) => stored,
  sellEmbeddings: await readEmbeddingPolicy('2'),
  log: silentLog,
});
const other = await openEmbedder({ modelDirectory: await writeOtherModel(join(data, 'other-model')), workers: 1 });
const liar = await startLiar({ provider, providerData: data });
let answers = 0;
liar.lie = {
  async vectors(answer, { texts, kind }) {
    answers += 1;
    if (answers > Number(honest)) answer.vectors = (await other.embed(texts, kind)).map(vectorToBase64url);
  },
};
process.stdout.write(`liar at ${liar.address}\n`);
process.once('SIGTERM', () => {
  void (async () => {
    await liar.close();
    await other.close();
    await provider.close();
  })();
});
