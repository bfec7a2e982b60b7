/** Who asks. */

import type { Context } from 'hono';
import { findSensor } from '@forewarn/store/resources/sensors';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';
import { denied } from '../refusals.ts';
import { certificateName } from './certificate.ts';
import type { Access } from './route.ts';

/**
 * A session, a token, or – where sensors come – the certificate of the connection. With a token beside it both must name the same
 * sensor: a token that was copied is then of no use without the key.
 */
export async function whoAsks(
  center: Center,
  access: Access,
  context: Context,
  headers: Headers = context.req.raw.headers,
): Promise<Principal | undefined> {
  const principal = await center.accounts.authenticate(headers);
  if (access !== 'intake:write') return principal;
  const named = certificateName(context, center.clock.now());
  if (named === undefined) return principal;
  if (principal || headers.has('authorization')) {
    if (principal && principal.sensor !== named)
      throw denied(`The token is not of the sensor "${named}", which the certificate names.`);
    return principal;
  }
  const sensor = await center.database.system((tx) => findSensor(tx, named));
  if (!sensor) throw denied(`The certificate names the sensor "${named}", which is not registered.`);
  return center.accounts.certified(sensor);
}
