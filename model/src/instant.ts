/** Instants on the border: RFC 3339 with an offset. */

import { z } from 'zod';

export const Instant = z.iso.datetime({ offset: true });
