// Whoever compiles against this package needs Node's types, and gets them by this line.
/// <reference types="node" preserve="true" />
export { isReadOnly, renameSynced, replaceFile, syncFile, syncFolder, syncTree, writeError } from './files.ts';
export { copyFolder } from './folder/copy-folder.ts';
export { openFolderKeys, renewKey, type FolderContents } from './folder/keys.ts';
export { checkFolder, checkPart, openFolderParts, type DataFolder, type FolderParts } from './folder/parts.ts';
export { createGroupCommit, type GroupCommit, type GroupCommitOptions } from './group-commit.ts';
export { openHeadFile, type Head, type HeadFile } from './head-file.ts';
export { openKeyFile } from './key-file.ts';
export { openRows, type RowsOptions } from './rows/open-rows.ts';
export { createSteadyClock } from './steady-clock.ts';
export { RowsError } from './rows/rows-error.ts';
export { createTurnstile, type Turnstile } from './rows/turnstile.ts';
export { readSealed, sealNext, writeSealed, type Sealed } from './sealed-file.ts';
export type { RowOperation, RowRange, RowReader, Rows, RowSnapshot } from './rows/types.ts';
