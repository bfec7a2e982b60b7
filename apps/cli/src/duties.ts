/** `forewarn duties`: facts and events → deadlines. */

import { parseArgs } from 'node:util';
import { compileScheme, grade } from '@forewarn/assess/grade';
import { nearest } from '@forewarn/base/nearest';
import { Refusal, describe } from '@forewarn/base/refusal';
import { formatInstant, parseInstant, type Seconds } from '@forewarn/base/time';
import { loadContent } from '@forewarn/center/content';
import type { Content } from '@forewarn/model/content';
import type { Duty, Law } from '@forewarn/model/duty';
import type { FactSheet } from '@forewarn/model/factsheet';
import { lowestMark, type Grade } from '@forewarn/model/grade';
import { render, type Language, type Words } from '@forewarn/model/text';
import { duties } from '@forewarn/respond/duties';
import { BadUse, type Command, type Terminal } from './command.ts';
import { chosen, chosenLanguage, readSheet, refusePositionals } from './grade.ts';
import { paint, paragraph, table, type Style } from './page.ts';

export const command: Command = {
  help: `Usage: forewarn duties FACTS.json [--law ID]… [--at TIME] [--json]
       forewarn duties --laws [--json]

Who must tell whom, until when, with which content, by which article. Clocks start only with recorded events; say in
FACTS.json which happened, and for which class of reporter you answer ("forewarn duties --laws" lists the classes).

    { "reporter": "network-operator",
      "facts":  { "persons_leaked": 12000000 },
      "events": [ { "event": "found",    "at": "2026-11-22T08:00:00+08:00" },
                  { "event": "reported", "at": "2026-11-22T11:30:00+08:00", "to": "provincial-cac" } ] }

    --law ID          only this law; may be repeated
    --laws            lists the laws, their reporters, recipients and duties
    --at TIME         the moment that is asked about, RFC 3339; without it, now
    --language L      en or zh; without it, the locale of the environment
    --json            an array of duties instead of text`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        law: { type: 'string', multiple: true },
        laws: { type: 'boolean' },
        at: { type: 'string' },
        language: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    const language = chosenLanguage(values.language, terminal);
    const content = await loadContent();
    if (values.laws) {
      refusePositionals(positionals, '--laws');
      listLaws(content, values.json ?? false, language, terminal);
      return 0;
    }
    const laws = chosen(content.laws, values.law, 'law');
    const at = values.at === undefined ? terminal.now() : momentOf(values.at);
    const sheet = await readSheet(positionals, content, terminal);
    checkNames(sheet, laws, positionals[0] === '-' ? 'standard input' : positionals[0]!);
    const results = laws.map((law) => {
      const scheme = law.grading === undefined ? undefined : content.schemes.get(law.grading);
      const graded = scheme && grade(compileScheme(scheme, content.facts), sheet.facts);
      const reporters = sheet.reporters.filter((reporter) => law.reporters.some(({ id }) => id === reporter));
      const found = duties(law, {
        ...(graded ? { grade: graded } : {}),
        facts: sheet.facts,
        events: sheet.events,
        reporters,
        catalogue: content.facts,
        at,
      });
      return { law, graded, found };
    });
    if (values.json)
      terminal.out(
        `${JSON.stringify(
          results.flatMap(({ found }) => found.map(onBorder)),
          null,
          2,
        )}\n`,
      );
    else for (const { law, graded, found } of results) terminal.out(show(law, graded, found, at, content, language, terminal));
    return 0;
  },
};

/** The moment of `--at`; what is none is bad use, as any wrong option. */
function momentOf(text: string): Seconds {
  try {
    return parseInstant(text, '--at');
  } catch (error) {
    throw error instanceof Refusal ? new BadUse(describe(error)) : error;
  }
}

/** A reporter, recipient or duty that no law knows would silently start and meet nothing. */
function checkNames(sheet: FactSheet, laws: readonly Law[], file: string): void {
  const reporters = laws.flatMap((law) => law.reporters.map(({ id }) => id));
  const recipients = laws.flatMap((law) => law.recipients.map(({ id }) => id));
  const ids = laws.flatMap((law) => law.duties.map(({ id }) => id));
  const refusals: Refusal[] = [];
  const check = (value: string, known: readonly string[], field: string, what: string): void => {
    if (known.includes(value)) return;
    const near = nearest(value, known);
    refusals.push(
      new Refusal(
        'duties.unknown',
        `No law here knows the ${what} "${value}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
        {
          place: { file, field },
          advice: `There are ${[...new Set(known)].join(', ')}.`,
        },
      ),
    );
  };
  for (const reporter of sheet.reporters) check(reporter, reporters, 'reporter', 'reporter');
  sheet.events.forEach((event, i) => {
    if (event.by !== undefined) check(event.by, reporters, `events[${i}].by`, 'reporter');
    for (const to of event.to ?? []) check(to, recipients, `events[${i}].to`, 'recipient');
    if (event.duty !== undefined) check(event.duty, ids, `events[${i}].duty`, 'duty');
  });
  if (refusals.length > 0) throw new AggregateError(refusals, 'duties');
}

/** To the second, as a person reads it. */
function shortInstant(at: Seconds): string {
  return formatInstant(Math.floor(at)).replace('.000Z', 'Z');
}

/** Instants leave as RFC 3339. */
function onBorder(duty: Duty): object {
  const instant = (seconds: Seconds | null): string | null => (seconds === null ? null : formatInstant(seconds));
  const { limit, startedBy, startedAt, dueAt, metAt, to, ...rest } = duty;
  return {
    ...rest,
    to: to.map((recipient) => ({ ...recipient, metAt: instant(recipient.metAt) })),
    startedBy: startedBy && { ...startedBy, at: formatInstant(startedBy.at) },
    startedAt: instant(startedAt),
    limitSeconds: limit,
    dueAt: instant(dueAt),
    metAt: instant(metAt),
  };
}

function listLaws(content: Content, json: boolean, language: Language, terminal: Terminal): void {
  const laws = [...content.laws.values()];
  if (json) {
    const list = laws.map((law) => ({
      id: law.id,
      title: law.title[language],
      version: law.version,
      confidence: lowestMark(law.duties.flatMap((duty) => duty.citations.map((citation) => citation.mark))),
      titles: law.title,
      jurisdiction: law.jurisdiction,
      effective: law.effective ?? null,
      grading: law.grading ?? null,
      reporters: law.reporters,
      recipients: law.recipients,
      duties: law.duties.map(({ id, reporter, fromLevel, to, startedBy, metBy, within, article }) => ({
        id,
        reporter,
        fromLevel: fromLevel ?? null,
        to,
        startedBy,
        metBy,
        within,
        article,
      })),
    }));
    terminal.out(`${JSON.stringify(list, null, 2)}\n`);
    return;
  }
  for (const law of laws) {
    terminal.out(`${paint(law.id, 'bold', terminal)}  ${law.title[language]} (${law.version})\n\n`);
    terminal.out(
      `${table(
        law.reporters.map(({ id, name }) => [id, name[language]]),
        4,
      )}\n\n`,
    );
    const level = (number: number | undefined): string =>
      content.schemes.get(law.grading ?? '')?.levels.find((each) => each.level === number)?.roman ?? '';
    const rows = law.duties.map((duty) => [
      duty.id,
      level(duty.fromLevel),
      duty.within,
      duty.startedBy,
      `→ ${duty.to.join(', ')}`,
    ]);
    terminal.out(`${table(rows, 4)}\n`);
  }
}

const stateMarks: { readonly [state in Duty['state']]: { mark: string; style: Style } } = {
  missed: { mark: '✗', style: 'red' },
  'due-soon': { mark: '!', style: 'orange' },
  running: { mark: '▶', style: 'yellow' },
  waiting: { mark: '·', style: 'dim' },
  met: { mark: '✓', style: 'green' },
};

function show(
  law: Law,
  graded: Grade | undefined,
  found: readonly Duty[],
  at: Seconds,
  content: Content,
  language: Language,
  terminal: Terminal,
): string {
  const say = (text: string, values?: Words['values']): string =>
    render({ text, ...(values ? { values } : {}) }, content.texts[language], language);
  const level = (each: Grade['floorLevel']): string => (each ? `${each.roman} ${each.name[language]}` : say('assess.grade.none'));
  const lines = [paint(law.title[language], 'bold', terminal)];
  if (graded) {
    lines.push(
      `  ${say('respond.show.graded', { level: level(graded.floorLevel), ceiling: level(graded.ceilingLevel), scheme: content.schemes.get(graded.scheme)!.short[language] })}`,
    );
  }
  lines.push(`  ${paint(say('respond.show.at', { at: shortInstant(at) }), 'dim', terminal)}`, '');
  if (found.length === 0) lines.push(paragraph(say('respond.show.none'), terminal, 2));
  const rows = found.map((duty) => {
    const { mark, style } = stateMarks[duty.state];
    const when =
      duty.limit === null
        ? say('respond.show.promptly')
        : duty.dueAt === null
          ? say('respond.show.within', { time: spanWords(duty.limit, say) })
          : shortInstant(duty.dueAt);
    return [
      paint(`${mark} ${say(`respond.state.${duty.state}`)}`, style, terminal),
      when,
      left(duty, at, say),
      duty.means[language],
    ];
  });
  if (rows.length > 0) lines.push(table(rows, 2), '');
  for (const duty of found) {
    const { mark, style } = stateMarks[duty.state];
    lines.push(`  ${paint(mark, style, terminal)} ${paint(duty.duty, 'bold', terminal)}  ${duty.reporterName[language]}`);
    for (const recipient of duty.to) {
      const reached = recipient.metAt === null ? '' : ` · ${say('respond.show.reached', { at: shortInstant(recipient.metAt) })}`;
      lines.push(`      → ${recipient.name[language]}${reached}`);
    }
    for (const words of duty.words) lines.push(paragraph(render(words, content.texts[language], language), terminal, 6));
    if (duty.state !== 'met' && duty.content.first.length > 0) {
      const items = (ids: readonly string[]): string =>
        say('respond.show.items', { items: ids.map((id) => law.items.find((item) => item.id === id)!.no).join(', ') });
      const later = duty.content.later.length > 0 ? `; ${say('respond.show.later')}: ${items(duty.content.later)}` : '';
      lines.push(paragraph(`${say('respond.show.content')}: ${items(duty.content.first)}${later}`, terminal, 6));
    }
    lines.push(`      ${paint(`${duty.article} [${duty.confidence}]`, 'dim', terminal)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** `2 d 3 h`, `1 h 10 min`, `5 min`. */
function spanWords(span: Seconds, say: (text: string, values?: Words['values']) => string): string {
  const minutes = Math.floor(span / 60);
  if (span >= 86_400)
    return say('respond.show.days', { days: Math.floor(span / 86_400), hours: Math.floor((span % 86_400) / 3600) });
  return minutes >= 60
    ? say('respond.show.hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 })
    : say('respond.show.minutes', { minutes });
}

/** Time left, or over, in words; nothing where there is no moment to count to. */
function left(duty: Duty, at: Seconds, say: (text: string, values?: Words['values']) => string): string {
  if (duty.dueAt === null || duty.state === 'met' || duty.metAt !== null) return '';
  const time = spanWords(Math.abs(duty.dueAt - at), say);
  const words = say(duty.dueAt >= at ? 'respond.show.left' : 'respond.show.over', { time });
  return duty.applies === 'possible' ? `${words}, ${say('respond.show.if')}` : words;
}
