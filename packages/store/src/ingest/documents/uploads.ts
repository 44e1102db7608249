// Documents that a caller handed over. They have no place on this machine: what looks for folders that moved, or files
// that vanished, passes them over.

const UPLOAD = 'upload:';

/** What their rows have in place of folder and file; no real path begins so. */
export const uploadPath = (name: string): string => UPLOAD + name;
export const isUpload = (root: string): boolean => root.startsWith(UPLOAD);
