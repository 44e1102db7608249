import { join } from 'node:path';
import type { DeviceWish } from '@tributary/store';
import { homeFolder } from '../../folders.ts';
import type { Output } from '../../ui/output.ts';
import { createProgress } from '../../ui/progress.ts';

const MEGABYTE = 1_000_000;
const inMegabytes = (bytes: number): number => Math.ceil(bytes / MEGABYTE);

/** Gives folders of models of the hub, and shows what is downloaded. Models are kept in `$TRIBUTARY_HOME/models`. */
export function hubDownloads(output: Output, signal: AbortSignal) {
  return async (name: string, device: DeviceWish): Promise<string> => {
    const progress = createProgress('model (MB)', output);
    const started = performance.now();
    // Only who names a model of the hub needs its library.
    const { hubModel } = await import('./hub-model.ts');
    try {
      return await hubModel(name, {
        directory: join(homeFolder(), 'models'),
        device,
        env: process.env,
        signal,
        onStart: (download) =>
          output.note(`downloading ${download.name}, ${inMegabytes(download.bytes)} MB, from ${download.from}`),
        onProgress: ({ bytes, total }) => {
          const seconds = (performance.now() - started) / 1_000;
          const secondsLeft = (seconds * (total - bytes)) / Math.max(bytes, 1);
          progress.update({ done: inMegabytes(bytes), total: inMegabytes(total), note: '', secondsLeft });
        },
      });
    } finally {
      progress.stop();
    }
  };
}
