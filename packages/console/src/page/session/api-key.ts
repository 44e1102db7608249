const NAME = 'tributary.api-key';

/** The API key that this reader entered, kept until the tab is closed; null when none was needed yet. */
export function readKey(): string | null {
  return sessionStorage.getItem(NAME);
}

export function keepKey(key: string): void {
  sessionStorage.setItem(NAME, key);
}
