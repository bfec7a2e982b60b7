import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Terminal } from './command.ts';
import { commands } from './commands.ts';
import { displayWidth, table, wrap } from './page.ts';
import { run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'forewarn-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value, null, 2));
  return path;
}

type Told = { code: number; out: string; err: string };

/** One call, with everything outside the process supplied. */
async function call(args: readonly string[], world: Partial<Terminal> & { in?: string } = {}): Promise<Told> {
  const told = { out: '', err: '' };
  const code = await run(args, {
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    interactive: false,
    colour: false,
    width: 100,
    language: 'en',
    now: () => Date.parse('2026-11-22T04:30:00Z') / 1000,
    readIn: () => Promise.resolve(new TextEncoder().encode(world.in ?? '')),
    ...world,
  });
  return { code, ...told };
}

const leak = write('leak.json', { facts: { persons_leaked: 12_000_000, direct_loss_cny: 6_000_000 } });
const incident = write('incident.json', {
  reporter: 'network-operator',
  facts: { persons_leaked: 12_000_000 },
  events: [
    { event: 'found', at: '2026-11-22T08:00:00+08:00' },
    { event: 'reported', at: '2026-11-22T11:30:00+08:00', to: 'provincial-cac' },
    { event: 'received', at: '2026-11-22T11:35:00+08:00', by: 'provincial-cac' },
  ],
});

describe('forewarn', () => {
  it('lists its commands, and each answers --help', async () => {
    const { code, out } = await call(['--help']);
    expect(code).toBe(0);
    for (const { name } of commands) {
      expect(out).toContain(`forewarn ${name}`);
      const help = await call([name, '--help']);
      expect(help).toMatchObject({ code: 0, err: '' });
      expect(help.out).toMatch(new RegExp(`^Usage: forewarn ${name}`));
    }
    expect((await call([])).code).toBe(2);
  });

  it.each([
    [['grad'], 2, /There is no command "grad"\. Did you mean "grade"\?/],
    [['grade'], 2, /Name a file of facts/],
    [['grade', 'a.json', 'b.json'], 2, /"b\.json" is one too many/],
    [['grade', '--bogus'], 2, /Unknown option '--bogus'\.\nSee forewarn grade --help/],
    [['grade', '--schemes', leak], 2, /--schemes takes no file/],
    [['grade', leak, '--language', 'fr'], 2, /There is no language "fr"/],
    [
      ['grade', leak, '--scheme', 'cn-reporting-2024'],
      1,
      /There is no scheme "cn-reporting-2024"\. Did you mean "cn-reporting-2025"\?/,
    ],
    [['grade', join(folder, 'none.json')], 1, /none\.json: There is no such file/],
    [['grade', folder], 1, /This is a folder/],
    [['duties', incident, '--at', 'yesterday'], 2, /--at: "yesterday" is not an instant/],
    [['duties', incident, '--law', 'gdpr'], 1, /There is no law "gdpr"\. There are cn-reporting-2025/],
  ] as [string[], number, RegExp][])('%j exits with %i and a sentence', async (args, code, sentence) => {
    const told = await call(args);
    expect(told).toMatchObject({ code, out: '' });
    expect(told.err).toMatch(sentence);
  });

  it('runs as a program, with its exit codes', () => {
    const door = fileURLToPath(new URL('../forewarn.js', import.meta.url));
    const runDoor = (...args: string[]): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [door, ...args], { encoding: 'utf8' });
    expect(runDoor('grade', leak, '--scheme', 'cn-reporting-2025', '--json')).toMatchObject({ status: 0, stderr: '' });
    expect(runDoor('grade', 'nothing.json')).toMatchObject({ status: 1, stdout: '' });
    expect(runDoor('nothing')).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('forewarn grade', () => {
  it('grades by every scheme, or by those named', async () => {
    const all = JSON.parse((await call(['grade', leak, '--json'])).out);
    // In force before withdrawn, the newest first; whoever names no date stands last of those in force.
    expect(all.map((grade: any) => [grade.scheme, grade.floor])).toEqual([
      ['cn-reporting-2025', 2],
      ['eu-dora', null],
      ['eu-nis2', null],
      ['cn-miit-data-2024', 2],
      ['gbt-20986-2023', 4],
      ['cn-miit-2017', 2],
      ['cn-plan-2017', 4],
      ['us-ppd41', 6],
      ['us-nciss', 7],
      ['uk-ncsc', null],
      ['gbz-20986-2007', 4],
    ]);
    const one = JSON.parse((await call(['grade', leak, '--scheme', 'cn-reporting-2025', '--json'])).out);
    expect(one).toMatchObject([{ floor: 2, ceiling: 1, confidence: 'H', fired: [{ criterion: 'personal-information-2' }] }]);
  });

  it('says level, why, what is missing and what comes next', async () => {
    const { out } = await call(['grade', leak, '--scheme', 'cn-reporting-2025']);
    for (const part of [
      'II major',
      'I particularly major',
      '10,000,000 people or more leaked',
      '附件/Annex II (5)',
      '12,000,000 people',
      'Next threshold',
      'Not known',
      'system_loss',
    ]) {
      expect(out).toContain(part);
    }
    expect(out).not.toMatch(/[[\]][a-z]+\.[a-z]/);
    expect(out.split('\n').every((line) => displayWidth(line) <= 110)).toBe(true);
  });

  it('speaks Chinese', async () => {
    const { out } = await call(['grade', leak, '--scheme', 'cn-reporting-2025', '--language', 'zh']);
    for (const part of ['II 重大', '泄露1000万人以上公民个人信息', '下一阈值']) expect(out).toContain(part);
  });

  it('grades a whole collection, says what is missing and where schemes disagree, and counts what it could not read', async () => {
    const lines = [
      '{"facts":{"persons_leaked":12000000}}',
      '{"facts":{"people_affected":20000000}}',
      '',
      '{"facts":{"no_fact":1}}',
    ];
    const told = await call(['grade', '--bulk', '-', '--json'], { in: lines.join('\n') });
    expect(told.code).toBe(1);
    expect(told.err).toMatch(/^forewarn: standard input:4 There is no fact "no_fact"/);
    const report = JSON.parse(told.out);
    expect(report).toMatchObject({ incidents: 2, unread: 1, quantified: false });
    expect(report.schemes.find(({ scheme }: any) => scheme === 'cn-reporting-2025')).toMatchObject({ proven: { 1: 1, 2: 1 } });
    expect(report.speed.gradesPerSecond).toBeGreaterThan(0);
    const shown = await call(['grade', '--bulk', '-'], { in: lines.slice(0, 2).join('\n') });
    expect(shown).toMatchObject({ code: 0, err: '' });
    for (const part of ['2 incidents under', 'II major', 'Not known', 'Where schemes disagree'])
      expect(shown.out).toContain(part);
    expect(shown.out).not.toMatch(/\[[a-z]+\.[a-z]/);
  });

  it('reads the table of a known collection, and refuses one that lacks its columns', async () => {
    const header =
      'ID,name,data_theft,disruption,hijacking,physical_effects_spatial,physical_effects_temporal,target_multiplier,functional_impact,receiver_category,receiver_region,receiver_category_subcode,initiator_category_subcode,initiator_category,MITRE_impact,economic_impact_exact_value,economic_impact_currency';
    const row = '7,"A row, quoted",none,none,none,none,none,,,,,,,,,,';
    const told = await call(['grade', '--bulk', '-', '--collection', 'eurepoc', '--json'], {
      in: `${header}\n${row}\n8,short\n`,
    });
    expect(told.err).toMatch(/^forewarn: standard input:3 The row has 2 cells, the header 17/);
    const report = JSON.parse(told.out);
    expect(report).toMatchObject({ incidents: 1, unread: 1 });
    expect(report.scales[0]).toEqual({ scale: 'eurepoc-intensity', known: 1, values: { 0: 1 } });
    const wrong = await call(['grade', '--bulk', '-', '--collection', 'eurepoc'], { in: 'ID,name\n' });
    expect(wrong).toMatchObject({ code: 1, out: '' });
    expect(wrong.err).toContain('has no column "data_theft"');
    expect((await call(['grade', '--collection', 'eurepoc'])).code).toBe(2);
  });

  it('reads standard input, and names it in complaints', async () => {
    expect((await call(['grade', '-', '--json'], { in: '{"persons_leaked": 1}' })).code).toBe(0);
    const told = await call(['grade', '-'], { in: '{"facts": {"persons_leaked": -1}}' });
    expect(told).toMatchObject({ code: 1, out: '' });
    expect(told.err).toBe(
      'forewarn: standard input:1:12 facts.persons_leaked: "persons_leaked" cannot be less than 0; it is -1.\n',
    );
  });

  it('says everything that is wrong with a sheet at once', async () => {
    const wrong = write('wrong.json', { facts: { persons_leakd: 1, system_loss: 'bad' }, evnts: [] });
    const { err } = await call(['grade', wrong]);
    expect(err.trim().split('\n')).toHaveLength(3);
    expect(err).toContain(`${wrong}:3:5 facts.persons_leakd`);
  });

  it('lists schemes and facts for programs', async () => {
    const schemes = JSON.parse((await call(['grade', '--schemes', '--json'])).out);
    for (const scheme of schemes)
      expect(scheme).toMatchObject({
        id: expect.any(String),
        title: expect.any(String),
        version: expect.any(String),
        confidence: expect.stringMatching(/^[HMU]$/),
      });
    const schema = JSON.parse((await call(['grade', '--facts'])).out);
    expect(schema.properties.facts.properties).toHaveProperty('illegal_content_home_hours');
    expect((await call(['grade', '--schemes'])).out).toContain('cn-reporting-2025  U');
  });

  it('colours only where colours are shown, and never by colour alone', async () => {
    const plain = (await call(['grade', leak])).out;
    const coloured = (await call(['grade', leak], { colour: true, interactive: true })).out;
    const escape = String.fromCharCode(27);
    expect(plain).not.toContain(escape);
    expect(coloured).toContain(escape);
    expect(coloured.split(new RegExp(`${escape}\\[[0-9;]*m`)).join('')).toBe(plain);
  });
});

describe('forewarn duties', () => {
  it('gives who, to whom, until when, state and article', async () => {
    const duties = JSON.parse((await call(['duties', incident, '--at', '2026-11-22T04:30:00Z', '--json'])).out);
    expect(duties.slice(0, 1)).toMatchObject([
      {
        duty: 'provincial-cac-report',
        dueAt: '2026-11-22T04:35:00.000Z',
        state: 'due-soon',
        article: '第4条/Art. 4',
        confidence: 'H',
      },
    ]);
    expect(duties.find((duty: any) => duty.duty === 'network-operator-report')).toMatchObject({
      state: 'met',
      metAt: '2026-11-22T03:30:00.000Z',
      to: [{ id: 'provincial-cac' }],
    });
  });

  it('counts to now when no moment is named', async () => {
    const { out } = await call(['duties', incident]);
    expect(out).toContain('as of 2026-11-22T04:30:00Z');
    expect(out).toMatch(/due soon\s+2026-11-22T04:35:00Z\s+5 min left/);
  });

  it('refuses reporters, recipients and duties that no law knows', async () => {
    const wrong = write('names.json', {
      reporter: 'network-operater',
      facts: {},
      events: [{ event: 'reported', at: '2026-11-22T00:00:00Z', to: 'provincal-cac', duty: 'report' }],
    });
    const { code, err } = await call(['duties', wrong]);
    expect(code).toBe(1);
    expect(err).toContain('reporter: No law here knows the reporter "network-operater". Did you mean "network-operator"?');
    expect(err).toContain('events[0].to: No law here knows the recipient "provincal-cac". Did you mean "provincial-cac"?');
    expect(err).toContain('events[0].duty');
  });

  it('lists the laws', async () => {
    expect(JSON.parse((await call(['duties', '--laws', '--json'])).out)).toMatchObject([
      { id: 'cn-reporting-2025', duties: expect.any(Array) },
    ]);
    expect((await call(['duties', '--laws'])).out).toContain('PT240M');
  });
});

describe('a page', () => {
  it('aligns wide characters', () => {
    expect(displayWidth('级别 II')).toBe(7);
    expect(
      table(
        [
          ['级别', 'a'],
          ['level', 'b'],
        ],
        0,
      ),
    ).toBe('级别   a\nlevel  b');
  });
  it('wraps at spaces and between wide characters, keeping closing marks with their word', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('尚未掌握的情况，不会', 8)).toEqual(['尚未掌握', '的情况，', '不会']);
  });
});
