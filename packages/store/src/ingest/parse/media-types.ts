import { basename, extname } from 'node:path/posix';

const CODE_LANGUAGES: Record<string, string> = {
  bash: 'sh',
  c: 'c',
  cc: 'c++',
  cjs: 'javascript',
  clj: 'clojure',
  cpp: 'c++',
  cs: 'csharp',
  cxx: 'c++',
  dart: 'dart',
  erl: 'erlang',
  ex: 'elixir',
  exs: 'elixir',
  go: 'go',
  graphql: 'graphql',
  h: 'c',
  hh: 'c++',
  hpp: 'c++',
  hs: 'haskell',
  java: 'java',
  jl: 'julia',
  js: 'javascript',
  jsx: 'javascript',
  kt: 'kotlin',
  kts: 'kotlin',
  lua: 'lua',
  mjs: 'javascript',
  ml: 'ocaml',
  mts: 'typescript',
  nix: 'nix',
  php: 'php',
  pl: 'perl',
  pm: 'perl',
  proto: 'protobuf',
  ps1: 'powershell',
  py: 'python',
  r: 'r',
  rb: 'ruby',
  rs: 'rust',
  scala: 'scala',
  sh: 'sh',
  sol: 'solidity',
  sql: 'sql',
  swift: 'swift',
  tf: 'terraform',
  ts: 'typescript',
  tsx: 'typescript',
  vue: 'vue',
  zig: 'zig',
};

const DOCUMENT_TYPES: Record<string, string> = {
  adoc: 'text/plain',
  asc: 'text/plain',
  csv: 'text/csv',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  htm: 'text/html',
  html: 'text/html',
  jsonl: 'application/jsonl',
  log: 'text/plain',
  markdown: 'text/markdown',
  md: 'text/markdown',
  mdown: 'text/markdown',
  mdx: 'text/markdown',
  ndjson: 'application/jsonl',
  org: 'text/plain',
  pdf: 'application/pdf',
  qmd: 'text/markdown',
  rmd: 'text/markdown',
  rst: 'text/plain',
  tex: 'text/plain',
  text: 'text/plain',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  xhtml: 'application/xhtml+xml',
};

/** Other names of these types. */
const SAME_TYPES: Record<string, string> = {
  'application/json-lines': 'application/jsonl',
  'application/jsonlines': 'application/jsonl',
  'application/x-jsonlines': 'application/jsonl',
  'application/x-ndjson': 'application/jsonl',
  'text/x-markdown': 'text/markdown',
};
const TYPES = new Set([
  ...Object.values(DOCUMENT_TYPES),
  ...Object.values(CODE_LANGUAGES).map((language) => `text/x-${language}`),
]);

/** Names without an extension that are plain text by custom. */
const TEXT_NAMES = new Set(['readme', 'license', 'licence', 'copying', 'notice', 'changelog', 'authors', 'contributing', 'todo']);

/** The media type of a file by its name; null when no parser reads it. Source code has `text/x-` and the language. */
export function mediaTypeOf(path: string): string | null {
  const extension = extname(path).slice(1).toLowerCase();
  if (extension === '') return TEXT_NAMES.has(basename(path).toLowerCase()) ? 'text/plain' : null;
  if (Object.hasOwn(DOCUMENT_TYPES, extension)) return DOCUMENT_TYPES[extension] ?? null;
  if (Object.hasOwn(CODE_LANGUAGES, extension)) return `text/x-${CODE_LANGUAGES[extension]}`;
  return null;
}

/**
 * The media type of a document that a caller hands over: by its name, else as the caller says; null when no parser
 * reads it.
 */
export function documentTypeOf(name: string, stated = ''): string | null {
  const type = stated.split(';', 1)[0]!.trim().toLowerCase();
  const plain = Object.hasOwn(SAME_TYPES, type) ? SAME_TYPES[type]! : type;
  return mediaTypeOf(name) ?? (TYPES.has(plain) ? plain : null);
}
