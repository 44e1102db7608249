// Loaded before a process: its dates are as far off as the file in $STORM_CLOCK says, in milliseconds. Monotonic
// clocks and timers stay right, as on a machine whose clock is set.
import { readFileSync } from 'node:fs';

const everyMs = 25;
const file = process.env.STORM_CLOCK;
const RealDate = Date;
let offsetMs = 0;

const read = () => {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    offsetMs = 0;
  }
};

if (file !== undefined) {
  read();
  setInterval(read, everyMs).unref();
  globalThis.Date = class Date extends RealDate {
    constructor(...given) {
      if (given.length === 0) super(RealDate.now() + offsetMs);
      else super(...given);
    }
    static now() {
      return RealDate.now() + offsetMs;
    }
  };
}
