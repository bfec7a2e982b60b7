/** The matrices of ATT&CK, for the page that lays rules and findings over them. */

import { AttackView, readAttack } from '@forewarn/model/attack';
import { contentFolder, readContentFiles } from '../content.ts';
import { route } from '../api/route.ts';

const path = 'attack/matrices.yaml';

export async function loadAttack(folder = contentFolder): Promise<AttackView> {
  const files = await readContentFiles(folder, ['attack']);
  return readAttack(files.find((file) => file.path === path)?.text ?? '', path);
}

/** Read when it is first asked for: nothing but that page needs it. */
let loaded: Promise<AttackView> | undefined;

export const attackMatrix = route({
  method: 'get',
  path: '/attack',
  access: 'findings:read',
  summary: 'The matrices of ATT&CK: techniques under their tactics.',
  answer: AttackView,
  handle: () => (loaded ??= loadAttack()),
});
