/**
 * Capturing needs a right that is root's (CAP_NET_RAW, capabilities(7)), listening below port 1024 another (CAP_NET_BIND_SERVICE), and nothing
 * else here does. So a sensor that is started as root
 * makes itself another user at once: it replaces itself, through util-linux's setpriv, by the same program under that user with this one
 * capability, which tcpdump inherits. Nothing that is root stays behind, and a capture can be begun again later.
 */

import { execFileSync } from 'node:child_process';
import { lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';

/** The user that Debian's tcpdump brings for the same purpose. */
export const defaultUser = 'tcpdump';

export const isRoot = (): boolean => process.geteuid?.() === 0;

/**
 * Becomes the user, whose the spool then is. Does not return. Refusals: `sensor.user` (there is none of that name, or it is root),
 * `sensor.setpriv` (the machine lacks the tool).
 */
export function becomeUser({
  user,
  spool,
  keeps,
}: {
  user: string;
  spool: string;
  keeps: 'net_raw' | 'net_bind_service';
}): never {
  const id = (option: '-u' | '-g'): number => {
    try {
      return Number(execFileSync('id', [option, '--', user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
    } catch (cause) {
      throw new Refusal('sensor.user', `There is no user "${user}" on this machine.`, {
        place: { field: '--user' },
        advice: 'Make one (Debian: adduser --system forewarn) and name it with --user.',
        cause,
      });
    }
  };
  const uid = id('-u');
  const gid = id('-g');
  if (uid === 0) {
    throw new Refusal('sensor.user', 'The sensor does not capture as root.', {
      place: { field: '--user' },
      advice: 'Name a user without rights of its own.',
    });
  }
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  // What is in its folders – batches that were put aside, packets that are kept – is given over only while nobody but root can have made it:
  // in a folder of the user's own, a link could be put in the way of what root does. For the same reason no link is followed.
  const isRoots = lstatSync(spool).uid === 0;
  const files = readdirSync(spool, { recursive: isRoots, encoding: 'utf8' }).map((name) => join(spool, name));
  for (const file of [...files, spool]) lchownSync(file, uid, gid);
  let setpriv: string;
  try {
    setpriv = execFileSync('sh', ['-c', 'command -v setpriv'], { encoding: 'utf8' }).trim();
  } catch (cause) {
    throw new Refusal('sensor.setpriv', 'setpriv, which takes root’s rights away, is not on this machine.', {
      advice:
        'Install util-linux, or start the sensor as another user with AmbientCapabilities=CAP_NET_RAW (to listen below port 1024: CAP_NET_BIND_SERVICE).',
      cause,
    });
  }
  const only = (kind: string): string => `--${kind}=-all,+${keeps}`;
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const as = [`--reuid=${uid}`, `--regid=${gid}`, '--init-groups', only('inh-caps'), only('ambient-caps'), only('bounding-set')];
  process.execve!(setpriv, [setpriv, ...as, '--no-new-privs', ...self], process.env as { [name: string]: string });
  throw new Error('execve came back.');
}
