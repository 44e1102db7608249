import type { Command } from 'commander';
import { chromaSource } from '../../import/sources/chroma.ts';
import { jsonlSource } from '../../import/sources/jsonl.ts';
import { pineconeSource } from '../../import/sources/pinecone.ts';
import { qdrantSource } from '../../import/sources/qdrant.ts';
import { gateway, keyFile } from '../../options.ts';
import type { Source } from '../../import/types.ts';
import type { ImportCommandOptions } from './import.ts';
import type { Output } from '../../ui/output.ts';
import { keyOf } from './key-of.ts';

/** The commands of `tributary import`, one for each kind of source. */
export function describeImports(program: Command, output: Output, signal: AbortSignal, exit: (code: number) => void): void {
  const sub = (usage: string, what: string) =>
    program
      .command(usage)
      .description(what)
      .requiredOption('--to <index>', "the node's own index; it is created when it does not exist")
      .option('--to-namespace <name>', 'namespace for all records (default: as in the source)')
      .option('--text-field <name>', 'member of the metadata that is the text of a record')
      .option('--metric <metric>', 'cosine, dotproduct or euclidean, where the source does not tell (default: cosine)')
      .option('--model <id>', "the node's embedding model, if the vectors of the source are of it")
      .option('--embed', "leave the vectors and embed the texts with the node's model")
      .option('--vectors <kinds>', 'dense (default), sparse or both; with sparse ones, the metric is dotproduct')
      .option('--rate <number>', 'most records per second')
      .option('--restart', 'begin anew instead of going on after an earlier run')
      .option('--checkpoint <file>', 'where the import remembers its place (default: ~/.tributary/import)')
      .option('--json', 'print JSON')
      .option(...gateway)
      .option(...keyFile)
      .exitOverride();
  const copy = async (source: Source, options: ImportCommandOptions) =>
    exit(await (await import('./import.ts')).importCommand(source, options, output, signal));
  sub('jsonl <file>', 'records of a JSONL file, a record a line').action(async (file, options) =>
    copy(jsonlSource(file), options),
  );
  sub('parquet <file>', 'records of a Parquet file, a record a row')
    .option('--id-column <name>', 'column of the ids', 'id')
    .option('--values-column <name>', 'column of the vectors, lists of numbers', 'values')
    .option('--metadata-column <name>', 'column of metadata as JSON; other columns are metadata too', 'metadata')
    .action(async (file, options) => {
      // Loaded only here, because the library takes a while.
      const { parquetSource } = await import('../../import/sources/parquet.ts');
      const columns = { id: options.idColumn, values: options.valuesColumn, metadata: options.metadataColumn };
      await copy(parquetSource(file, columns), options);
    });
  sub('pinecone', 'a serverless index of Pinecone, with the key in $PINECONE_API_KEY')
    .option('--index <name>', 'name of the index')
    .option('--host <address>', 'address of the index, instead of its name')
    .option('--controller <url>', 'address of the control plane (default: https://api.pinecone.io)')
    .option('--namespace <name>', 'only this namespace (default: all, each into one of the same name)')
    .action(async (options) => {
      const key = keyOf('PINECONE_API_KEY', process.env);
      await copy(pineconeSource(options, key ?? 'none'), options);
    });
  sub('pgvector', 'a table or query of PostgreSQL with pgvector, at $DATABASE_URL or $PGHOST, $PGDATABASE, …')
    .option('--table <name>', 'table, or schema.table')
    .option('--query <sql>', 'query in place of a table')
    .option('--id-column <name>', 'column of the ids', 'id')
    .option('--vector-column <name>', 'column of the vectors', 'embedding')
    .option('--metadata-column <name>', 'column of metadata as JSON; other columns are metadata too', 'metadata')
    .action(async (options) => {
      const { pgvectorSource } = await import('../../import/sources/pgvector.ts');
      await copy(pgvectorSource(options, keyOf('DATABASE_URL', process.env)), options);
    });
  sub('qdrant', 'a collection of Qdrant, with the key in $QDRANT_API_KEY if it needs one')
    .requiredOption('--collection <name>', 'name of the collection')
    .option('--url <url>', 'address of the server', 'http://127.0.0.1:6333')
    .option('--vector <name>', 'name of the vector, where points have several')
    .action(async (options) => copy(qdrantSource(options, keyOf('QDRANT_API_KEY', process.env)), options));
  sub('chroma', 'a collection of Chroma, with the key in $CHROMA_API_KEY if it needs one')
    .requiredOption('--collection <name>', 'name of the collection')
    .option('--url <url>', 'address of the server', 'http://127.0.0.1:8000')
    .option('--tenant <name>', 'tenant', 'default_tenant')
    .option('--database <name>', 'database', 'default_database')
    .action(async (options) => copy(chromaSource(options, keyOf('CHROMA_API_KEY', process.env)), options));
}
