// Bounds of reading, parsing and splitting documents. Each has a row in docs/limits.md.

/** Largest file that is parsed. */
export const fileBytesMax = 67_108_864;
/** Most pages of one PDF. */
export const pdfPagesMax = 5_000;
/** Longest time one file may take in its worker. */
export const parseTimeMsMax = 60_000;
/** Longest time a parse worker may take to start. */
export const workerStartMsMax = 30_000;
/** JavaScript heap of one parse worker. */
export const workerHeapMegabytesMax = 768;
/** Memory outside the JavaScript heap (buffers) of one parse worker. */
export const workerExternalBytesMax = 1_073_741_824;
/** How often a busy worker's memory outside the heap is read. */
export const workerMemoryPollMs = 200;
/** Most parse workers of one parser. */
export const parseWorkersMax = 16;
/** Most files waiting for a parse worker. */
export const parseWaitingMax = 4_096;
/** Most text extracted from one file, in UTF-16 code units. */
export const textUnitsMax = 134_217_728;
/** Most entries of a DOCX archive. */
export const archiveEntriesMax = 10_000;
/** Most bytes of all entries of a DOCX archive once inflated. */
export const archiveBytesMax = 268_435_456;
/** Most records of one JSONL or CSV file. */
export const rowsMax = 1_000_000;
/** Longest line of a JSONL file, longest record of a CSV file. */
export const rowBytesMax = 8_388_608;
/** Longest title, in characters. */
export const titleCharactersMax = 300;
/** Longest YAML front matter, in UTF-16 code units. */
export const frontMatterUnitsMax = 65_536;
/** Bytes looked at to guess an encoding. */
export const encodingSampleBytesMax = 65_536;
/** Deepest folder below the one given. */
export const walkDepthMax = 64;
/** Most files found below the folders given. */
export const walkFilesMax = 1_000_000;
/** Most entries of one folder. */
export const walkFolderEntriesMax = 1_000_000;
/** Longest .gitignore that is obeyed. */
export const ignoreFileBytesMax = 1_048_576;
/** Most chunks cut from one document. */
export const chunksPerDocumentMax = 100_000;
