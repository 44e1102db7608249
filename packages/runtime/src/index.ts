export { renameSynced, replaceFile, syncFile } from './files.ts';
export { createGroupCommit, type GroupCommit, type GroupCommitOptions } from './group-commit.ts';
export { openHeadFile, type Head, type HeadFile } from './head-file.ts';
export { openKeyFile } from './key-file.ts';
export { openRows, type RowsOptions } from './rows/open-rows.ts';
export { RowsError } from './rows/rows-error.ts';
export type { RowOperation, RowRange, RowReader, Rows, RowSnapshot } from './rows/types.ts';
