import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAdmission } from './admission.ts';

const money = fc.bigInt(0n, 40n);
const terms = { credit: '7', maxInFlight: 4 };

describe('admission', () => {
  it('never promises more than vouchers and K cover, nor more than the deposit', () => {
    fc.assert(
      fc.property(
        money,
        money,
        money,
        money,
        money,
        money,
        fc.nat(5),
        (best, charged, reserved, cumulative, maxCharge, deposit, inFlight) => {
          const hold = { reserved, inFlight, best: null };
          let admitted = true;
          try {
            checkAdmission({ best, charged, deposit }, hold, { cumulative, maxCharge }, terms);
          } catch {
            admitted = false;
          }
          const most = charged + reserved + maxCharge;
          const covered = best > cumulative ? best : cumulative;
          expect(admitted).toBe(inFlight < 4 && cumulative <= deposit && most <= deposit && covered + 7n >= most);
        },
      ),
    );
  });

  it('counts vouchers that are not on disk yet, so that order does not matter', () => {
    const hold = { reserved: 10n, inFlight: 1, best: { cumulative: '20', ctx: '', signature: '' } };
    const asked = { cumulative: 10n, maxCharge: 10n };
    expect(() =>
      checkAdmission({ best: 0n, charged: 0n, deposit: 100n }, hold, asked, { credit: '0', maxInFlight: 4 }),
    ).not.toThrow();
    expect(() =>
      checkAdmission({ best: 0n, charged: 0n, deposit: 100n }, { ...hold, best: null }, asked, { credit: '0', maxInFlight: 4 }),
    ).toThrow(expect.objectContaining({ code: 'VOUCHER_INSUFFICIENT', message: expect.stringContaining('at least 20') }));
  });
});
