import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { lockDataFolder } from './folder.ts';

const dir = mkdtempSync(join(tmpdir(), 'forewarn-lock-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a second start in the same process is refused, and after the release it is not', () => {
  const first = lockDataFolder(dir);
  expect(() => lockDataFolder(dir)).toThrow(expect.objectContaining({ code: 'store.folder.held' }));
  first.release();
  lockDataFolder(dir).release();
});

test('another process is named, and its lock falls with it however it ends', async () => {
  const script = `import { lockDataFolder } from ${JSON.stringify(new URL('folder.ts', import.meta.url).href)};
    lockDataFolder(${JSON.stringify(dir)}); // Nothing of it is kept: the lock must not go with the handle.
    globalThis.gc(); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  expect(() => lockDataFolder(dir)).toThrow(new RegExp(`process ${child.pid}, since`));
  child.kill('SIGKILL');
  await once(child, 'exit');
  lockDataFolder(dir).release();
});

test('a folder that cannot be made is refused with its name', () => {
  const file = new URL(import.meta.url).pathname;
  expect(() => lockDataFolder(join(file, 'data'))).toThrow(
    expect.objectContaining({ code: 'store.folder.unusable', place: { file: join(file, 'data') } }),
  );
});
