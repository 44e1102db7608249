// Documents that a caller handed over. They have no path on this machine, so the search for moved folders and vanished
// files skips them.

const UPLOAD = 'upload:';

/** The value in their rows instead of folder and file. No real path begins like this. */
export const uploadPath = (name: string): string => UPLOAD + name;
export const isUpload = (root: string): boolean => root.startsWith(UPLOAD);
