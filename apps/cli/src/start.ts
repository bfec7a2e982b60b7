/** `forewarn start`: the centre with embedded stores, and the workbench. */

import { parseArgs } from 'node:util';
import { startCenter } from '@forewarn/center/center';
import { packetHoursDefault } from '@forewarn/center/packets/kept';
import { defaultPort, readPacketHours, readPort } from '@forewarn/center/settings';
import { BadUse, type Command } from './command.ts';

export const command: Command = {
  help: `Usage: forewarn start [--data DIR] [--port N] [--demo] [--listen ADDRESS (--tls-cert FILE --tls-key FILE | --behind-proxy)]

Starts the centre with its stores and the workbench, and prints its address. It listens on 127.0.0.1 unless told otherwise. The first
start of a folder prints a one-time link that makes the first administrator. Ctrl-C or SIGTERM stop it.

    --data DIR         the data folder (default ./.forewarn; FOREWARN_DATA overrides)
    --port N           the port (default ${defaultPort}; PORT overrides; 0: any that is free)
    --demo             a demo country in a folder of its own: two stories happen, and anybody may sign in
    --listen ADDRESS   listen elsewhere than on this machine; needs TLS, or a proxy that ends it
    --tls-cert FILE    certificate chain, PEM
    --tls-key FILE     its key, PEM
    --tls-client-ca FILE    authorities, PEM, whose certificates sensors may show instead of a token; the common name of the subject
                       is the sensor's id. With --tls-client-crl FILE, their revocation list, PEM
    --behind-proxy     TLS ends at a proxy, which sets X-Forwarded-Host
    --packet-hours N   how long packets that a sensor brought for somebody stay at the centre (default ${packetHoursDefault})`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        demo: { type: 'boolean', default: false },
        listen: { type: 'string', default: '127.0.0.1' },
        'tls-cert': { type: 'string' },
        'tls-key': { type: 'string' },
        'tls-client-ca': { type: 'string' },
        'tls-client-crl': { type: 'string' },
        'behind-proxy': { type: 'boolean', default: false },
        'packet-hours': { type: 'string' },
      },
    });
    if (positionals.length > 0) throw new BadUse(`"${positionals[0]}" is one word too many.`);
    const certificate = values['tls-cert'];
    const key = values['tls-key'];
    if ((certificate === undefined) !== (key === undefined)) throw new BadUse('TLS needs both --tls-cert and --tls-key.');
    const clientAuthority = values['tls-client-ca'];
    const clientRevoked = values['tls-client-crl'];
    if (clientAuthority !== undefined && certificate === undefined)
      throw new BadUse('--tls-client-ca needs --tls-cert and --tls-key.');
    if (clientRevoked !== undefined && clientAuthority === undefined) throw new BadUse('--tls-client-crl needs --tls-client-ca.');
    const port = process.env.PORT ?? values.port;
    const center = await startCenter({
      dataDir: process.env.FOREWARN_DATA ?? values.data ?? './.forewarn',
      port: port === undefined ? defaultPort : readPort(port, process.env.PORT === undefined ? '--port' : 'PORT'),
      demo: values.demo,
      listen: values.listen,
      tls:
        certificate === undefined || key === undefined
          ? undefined
          : {
              certificate,
              key,
              ...(clientAuthority === undefined ? {} : { clientAuthority }),
              ...(clientRevoked === undefined ? {} : { clientRevoked }),
            },
      behindProxy: values['behind-proxy'],
      ...(values['packet-hours'] === undefined ? {} : { packetHours: readPacketHours(values['packet-hours']) }),
    });
    terminal.out(`Forewarn${values.demo ? ' demo' : ''}: ${center.url}\n`);
    const who = center.people.map(({ role, organisation }) => `${role}, ${organisation}`);
    const width = Math.max(0, ...who.map((text) => text.length));
    center.people.forEach(({ link }, i) => terminal.out(`  ${who[i]!.padEnd(width)}   ${link}\n`));
    if (center.firstLink !== null) terminal.out(`First administrator, once: ${center.firstLink}\n`);
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
    });
    await center.close();
    return 0;
  },
};
