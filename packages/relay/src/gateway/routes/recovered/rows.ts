import type { Access } from '../../access.ts';
import { askingRow } from '../../endpoint.ts';
import type { InFlight } from '../../in-flight.ts';
import { forgetRecovered, listRecovered, readRecovered } from './find.ts';
import type { GatewayDeps, GatewayRoute } from '../../types.ts';
import { forgetRecoveredEndpoint, listRecoveredEndpoint, readRecoveredEndpoint } from './endpoints.ts';

/** Answers that were paid and that nobody got. */
export function recoveredRows(deps: GatewayDeps, inFlight: InFlight): GatewayRoute[] {
  const read: Access = { permission: 'read' };
  const one = '/v1/recovered/:receipt';
  return [
    askingRow(inFlight, ['GET', '/v1/recovered'], read, listRecoveredEndpoint, (_, caller) => listRecovered(deps, caller)),
    askingRow(inFlight, ['GET', one], read, readRecoveredEndpoint, (receipt, caller) => readRecovered(deps, receipt, caller)),
    askingRow(inFlight, ['DELETE', one], read, forgetRecoveredEndpoint, (receipt, caller) =>
      forgetRecovered(deps, receipt, caller),
    ),
  ];
}
