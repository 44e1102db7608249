import { spawnSync } from 'node:child_process';

/** The command of Chroma's server: `$CHROMA`, otherwise `chroma` (pip install chromadb). */
export const chromaCommand = (): string => process.env['CHROMA'] ?? 'chroma';

export const hasChroma = (): boolean => spawnSync(chromaCommand(), ['--version']).status === 0;
