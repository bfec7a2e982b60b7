/** Reports from making to reading: drafts, what each recipient's copy holds, the exit, files in both languages, and the schedule. */

import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readReportTemplates, lastDue } from '@forewarn/model/report';
import { noticesOf } from '@forewarn/store/resources/notices';
import { openTrialCenter, person, type Person, type Trial } from '../testing/center.ts';
import { fillEstate, hospitalIncident } from '../testing/estate.ts';
import { makeDueReports } from './schedule.ts';

let trial: Trial;
let incident: string;
const officer = person('centre', 'duty-officer');
const analyst = person('centre', 'analyst');
const department = person('health', 'duty-officer');
const hospital = person('hospital', 'liaison-officer');
const stranger = person('stranger', 'liaison-officer');

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  incident = await hospitalIncident(trial.center);
  // A report tells of what was before it is made.
  trial.clock.at += 60;
});
afterAll(() => trial.end());

const ask = (who: Person, method: string, path: string, body?: unknown) => trial.ask(who, method, path, body);
const make = async (who: Person, body: object): Promise<any> => {
  const answer = await ask(who, 'POST', '/reports', body);
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
};
const html = async (who: Person, id: string, more = ''): Promise<string> => {
  const answer = await ask(who, 'GET', `/reports/${id}/file?format=html${more}`);
  expect(answer).toMatchObject({ status: 200 });
  return answer.text;
};
const release = (who: Person, id: string, recipients: string[]) =>
  ask(who, 'POST', `/reports/${id}/release`, { recipients, reason: 'For the morning’s meeting.' });

describe('a report of the situation', () => {
  let id: string;

  test('is made as a draft that nobody else sees, and says that it is one', async () => {
    const report = await make(officer, { template: 'daily' });
    id = report.id;
    expect(report).toMatchObject({
      number: 'SR-2025-0001',
      state: 'draft',
      marking: 'TLP:AMBER',
      recipients: [],
      owner: 'centre',
    });
    expect((await ask(department, 'GET', `/reports/${id}`)).status).toBe(404);
    expect((await ask(department, 'GET', '/reports')).body.items).toEqual([]);
    const page = await html(officer, id);
    expect(page).toContain('class="draft"');
    expect(page).toContain('FW-2025-0001');
    // No key of a text is left unsaid, in either language.
    expect(page).not.toMatch(/\[[a-z]+\.[\w.-]+\]/);
    expect(await html(officer, id, '&language=zh')).not.toMatch(/\[[a-z]+\.[\w.-]+\]/);
  });

  test('names no host, though the incident does', async () => {
    const view = (await ask(officer, 'GET', `/incidents/${incident}`)).body;
    expect(JSON.stringify(view.title)).toMatch(/\d+\.\d+\.\d+\.\d+/);
    expect(await html(officer, id)).not.toMatch(/10\.20\.|203\.0\.113/);
  });

  test('carries what a person adds, above what was computed', async () => {
    const remark = 'Quiet, but for one case.\nIts records are looked at.';
    expect((await ask(analyst, 'PUT', `/reports/${id}/remark`, { remark })).body.remark).toBe(remark);
    const page = await html(officer, id);
    expect(page.indexOf('Quiet, but for')).toBeLessThan(page.indexOf('Summary'));
  });

  test('is released by who may, to whom the exit lets it, each with a copy of its own', async () => {
    expect((await release(analyst, id, ['health'])).status).toBe(403);
    const { body } = await ask(officer, 'POST', `/reports/${id}/preview`, { recipients: ['health', 'nobody'], reason: 'Why.' });
    expect(body.recipients.map(({ recipient, allowed }: any) => [recipient, allowed])).toEqual([
      ['health', true],
      ['nobody', false],
    ]);
    expect((await ask(department, 'GET', '/reports')).body.items).toEqual([]);
    const released = await release(officer, id, ['health', 'stranger']);
    expect(released.body).toMatchObject({ state: 'released', releasedBy: 'centre-duty-officer' });
    // Who takes part sees the incident in its lists; a stranger reads the numbers, and not of whom.
    const own = await html(officer, id);
    const strange = await html(stranger, id);
    expect(own).toContain('FW-2025-0001');
    expect(own).not.toContain('class="draft"');
    expect(strange).not.toContain('FW-2025-0001');
    expect(strange).not.toContain('hospital');
    expect(strange).toContain('1 opened');
    expect((await ask(stranger, 'GET', `/reports/${id}/file?copy=centre`)).status).toBe(404);
    expect((await ask(stranger, 'GET', `/reports/${id}`)).body.recipients.map(({ organisation }: any) => organisation)).toEqual(['stranger']); // oxfmt-ignore
    expect((await ask(hospital, 'GET', `/reports/${id}`)).status).toBe(404);
  });

  test('stays as it was released, and its first opening is noted', async () => {
    expect((await ask(officer, 'PUT', `/reports/${id}/remark`, { remark: 'x' })).body.code).toBe('report.state');
    expect((await release(officer, id, ['health'])).body.code).toBe('report.state');
    const { recipients } = (await ask(officer, 'GET', `/reports/${id}`)).body;
    const openedAt = Object.fromEntries(recipients.map((one: any) => [one.organisation, one.openedAt]));
    expect(openedAt['stranger']).not.toBe(null);
    expect(openedAt['health']).toBe(null);
  });

  test('leaves in the audit who was decided on, and what exactly went', async () => {
    const auditor = person('centre', 'administrator');
    const { items } = (await ask(auditor, 'GET', '/audit?action=report.release')).body;
    const { digest, recipients } = (await ask(officer, 'GET', `/reports/${id}`)).body;
    expect(items).toHaveLength(1);
    expect(items[0].detail).toMatchObject({ digest, recipients: ['health', 'stranger'] });
    expect(items[0].detail.digests).toEqual(recipients.map((one: any) => one.digest));
    expect((await ask(auditor, 'GET', '/audit?action=egress.allow')).body.items).toHaveLength(2);
  });

  test('is told by a notice to each recipient', async () => {
    const notices = await trial.center.database.scoped(
      { organisation: 'health', centre: false, account: 'h' },
      (tx) => noticesOf(tx, 'health', 10),
    ); // oxfmt-ignore
    expect(notices.map(({ body }) => [body.kind, body.number])).toEqual([['report', 'SR-2025-0001']]);
  });
});

describe('a brief of an incident', () => {
  test('goes to who takes part, cut to what that one sees, and to nobody else', async () => {
    const { id, marking, subject } = await make(officer, { template: 'incident', subject: incident });
    expect([marking, subject.number]).toEqual(['TLP:AMBER', 'FW-2025-0001']);
    expect(await html(officer, id)).toContain('10.20.10.57');
    const { body } = await ask(officer, 'POST', `/reports/${id}/preview`, {
      recipients: ['hospital', 'stranger'],
      reason: 'Why.',
    });
    expect(body.recipients.map(({ recipient, allowed, reason }: any) => [recipient, allowed, reason.text])).toEqual([
      ['hospital', true, 'share.egress.concerned'],
      ['stranger', false, 'report.unseen'],
    ]);
    expect((await release(officer, id, ['stranger'])).body.code).toBe('report.recipients');
    expect((await release(officer, id, ['hospital', 'stranger'])).body.recipients).toHaveLength(1);
    expect((await ask(stranger, 'GET', `/reports/${id}`)).status).toBe(404);
    expect(await html(hospital, id)).not.toMatch(/\[[a-z]+\.[\w.-]+\]/);
  });

  test('of an incident that one does not see is refused as of one that is not there', async () => {
    const body = { template: 'incident', subject: incident };
    const foreign = await ask(person('stranger', 'duty-officer'), 'POST', '/reports', body);
    const absent = await ask(person('stranger', 'duty-officer'), 'POST', '/reports', { ...body, subject: 'no-such' });
    expect([foreign.status, foreign.text]).toEqual([404, absent.text]);
  });
});

describe('a sheet of a warning', () => {
  test('is made of the warning, and never travels further than it', async () => {
    const draft = {
      colour: 'orange',
      incidentType: 'phishing',
      title: { en: 'Look out', zh: '注意防范' },
      startTime: '2025-11-24T16:00:00.000Z',
      possibleScope: 'Hospitals.',
      mattersToNote: 'It imitates a mailbox renewal.',
      measuresToTake: 'Block it.',
      scope: { addresses: ['198.51.100.7'], names: [], businesses: [], sectors: ['health'] },
    };
    const warning = (await ask(officer, 'POST', '/warnings', draft)).body;
    const { id, marking } = await make(officer, { template: 'warning', subject: warning.id });
    expect(marking).toBe('TLP:AMBER');
    const page = await html(officer, id, '&language=zh');
    for (const said of ['注意防范', '橙色', 'It imitates a mailbox renewal.', '198.51.100.7', '本预警尚未发布'])
      expect(page).toContain(said);
    expect(page).not.toMatch(/\[[a-z]+\.[\w.-]+\]/);
  });
});

describe('a PDF', () => {
  test.each([
    ['en', 'Daily situation report', 'en-GB'],
    ['zh', '网络安全态势日报', 'zh-CN'],
  ] as const)(
    'in %s is tagged, says its language and title, and its text can be read out of it',
    async (language, title, tag) => {
      const { id } = await make(officer, { template: 'daily' });
      const read = async (): Promise<Buffer> => {
        const response = await trial.app.request(`/api/v1/reports/${id}/file?format=pdf&language=${language}`, {
          headers: await trial.headersOf(officer),
        });
        expect(response.headers.get('content-type')).toBe('application/pdf');
        expect(response.headers.get('content-disposition')).toMatch(/^attachment/);
        return Buffer.from(await response.arrayBuffer());
      };
      const pdf = await read();
      const raw = pdf.toString('latin1');
      expect(raw.startsWith('%PDF-1.7')).toBe(true);
      expect(raw).toContain('/Marked true');
      expect(raw).toContain(`/Lang (${tag})`);
      expect(raw).toContain('/StructTreeRoot');
      const text = textOf(pdf);
      expect(text).toContain(title);
      expect(text).toContain('TLP:AMBER');
      // Its fonts hold every character that it writes: none became the box of what is missing.
      expect(glyphsOf(pdf).every((glyph) => glyph !== 0)).toBe(true);
      expect((await read()).equals(pdf)).toBe(true);
    },
  );
});

describe('the schedule', () => {
  test('makes what is due once, as a draft of the centre, and releases nothing', async () => {
    const { clock } = trial;
    const before = clock.at;
    // What was due before the centre ran is not made.
    expect(await makeDueReports(trial.center)).toEqual([]);
    // 2025-12-01 is a Monday; both are due by six in the morning.
    clock.at = Date.UTC(2025, 11, 1, 6) / 1000;
    expect(await makeDueReports(trial.center)).toHaveLength(2);
    expect(await makeDueReports(trial.center)).toEqual([]);
    const week = clock.at;
    clock.at = before;
    const { items } = (await ask(officer, 'GET', '/reports?state=draft&limit=100')).body;
    const made = items.filter(({ madeBy }: any) => madeBy === null);
    expect(made.map(({ template, from, to }: any) => [template, from, to]).sort()).toEqual([
      ['daily', '2025-11-30T05:00:00.000Z', '2025-12-01T05:00:00.000Z'],
      ['weekly', '2025-11-24T05:30:00.000Z', '2025-12-01T05:30:00.000Z'],
    ]);
    clock.at = week + 86_400;
    expect(await makeDueReports(trial.center)).toHaveLength(1);
    clock.at = before;
  });

  test('knows the last time that was due', () => {
    const at = (text: string): number => Date.parse(text) / 1000;
    expect(lastDue({ at: '05:00' }, at('2026-11-23T05:00:00Z'))).toBe(at('2026-11-23T05:00:00Z'));
    expect(lastDue({ at: '05:00' }, at('2026-11-23T04:59:59Z'))).toBe(at('2026-11-22T05:00:00Z'));
    expect(lastDue({ at: '05:30', weekday: 1 }, at('2026-11-23T05:29:59Z'))).toBe(at('2026-11-16T05:30:00Z'));
    expect(lastDue({ at: '05:30', weekday: 7 }, at('2026-11-23T05:30:00Z'))).toBe(at('2026-11-22T05:30:00Z'));
  });

  test('a template that does not fit is refused with file, line and field', () => {
    const text = 'id: x\ntitle: { en: X, zh: X }\nabout: incident\nmarking: TLP:AMBER\nsections:\n  - section: index\n';
    let refused: unknown;
    try {
      readReportTemplates([{ path: 'reports/x.yaml', text }]);
    } catch (error) {
      refused = error;
    }
    expect((refused as AggregateError).errors[0]).toMatchObject({ place: { file: 'reports/x.yaml', line: 6 } });
  });
});

// What follows reads a PDF as another program would: streams, the map from glyphs to characters, and the shown strings.

function streamsOf(pdf: Buffer): string[] {
  const raw = pdf.toString('latin1');
  return [...raw.matchAll(/stream\r?\n/g)].flatMap(({ index }) => {
    const from = index + /^stream\r?\n/.exec(raw.slice(index, index + 8))![0].length;
    const bytes = pdf.subarray(from, raw.indexOf('endstream', from));
    try {
      return [inflateSync(bytes).toString('latin1')];
    } catch {
      return [];
    }
  });
}

/** Glyph numbers that pages show, font by font in the order they are named. */
function shownOf(pdf: Buffer): { font: string; glyph: number }[] {
  return streamsOf(pdf)
    .filter((stream) => stream.includes(' Tf'))
    .flatMap((stream) => {
      let font = '';
      return [...stream.matchAll(/\/(F\d+) [\d.]+ Tf|<([0-9a-f]+)>/g)].flatMap(([, name, hex]) => {
        if (name !== undefined) font = name;
        return (hex?.match(/.{4}/g) ?? []).map((code) => ({ font, glyph: Number.parseInt(code, 16) }));
      });
    });
}

const glyphsOf = (pdf: Buffer): number[] => shownOf(pdf).map(({ glyph }) => glyph);

function textOf(pdf: Buffer): string {
  // The library writes one map a font: a range of all its glyphs, and their characters in order.
  const maps = streamsOf(pdf)
    .filter((stream) => stream.includes('beginbfrange'))
    .map((stream) => {
      const characters: string[] = [];
      for (const [, list] of stream.matchAll(/<[0-9a-f]+> <[0-9a-f]+> \[([^\]]*)\]/g)) {
        for (const [, hex] of list!.matchAll(/<([0-9a-f ]*)>/g))
          characters.push(String.fromCharCode(...(hex!.replaceAll(' ', '').match(/.{4}/g) ?? []).map((code) => Number.parseInt(code, 16)))); // oxfmt-ignore
      }
      return characters;
    });
  const fonts = [...new Set(shownOf(pdf).map(({ font }) => font))];
  // Which map is which font's is not worth a parser of objects: the words must stand under one of them.
  return maps.map((map) => fonts.map((font) => shownOf(pdf).filter((one) => one.font === font).map(({ glyph }) => map[glyph] ?? '').join('')).join('\n')).join('\n'); // oxfmt-ignore
}
