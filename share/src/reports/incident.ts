/** A brief of one incident, made of what its reader may see of it: the view is projected before it comes here. */

import type { IncidentView, WarningView } from '@forewarn/model/api';
import type { Block, Cell, Document, Piece } from '@forewarn/model/document';
import type { Tlp } from '@forewarn/model/markings';
import type { ReportTemplate } from '@forewarn/model/report';
import { narrowest } from '../markings.ts';
import { heading, instant, note, pairs, paragraphs, remarkOf, table, words, type Frame, type Naming } from './blocks.ts';
import { gradeCell, levelColour, levelWords, type Scheme } from './grades.ts';
import type { ForecastRow } from './picture.ts';
import { listed, localWords } from './situation.ts';

export type IncidentReport = {
  readonly frame: Frame;
  readonly template: ReportTemplate;
  readonly remark: string | null;
  readonly incident: IncidentView;
  readonly warnings: readonly WarningView[];
  readonly forecast: ForecastRow | null;
  /** Every scheme, for the colours of its levels. */
  readonly schemes: readonly Scheme[];
  readonly naming: Naming;
  /** A fact's value as its readers see it. */
  readonly valueOf: (fact: IncidentView['facts'][number]) => Cell;
};

export function incidentDocument(report: IncidentReport): Document {
  const { frame, template, remark, incident, warnings } = report;
  const markings: Tlp[] = [template.marking, incident.marking, ...warnings.map(({ marking }) => marking)];
  const blocks = template.sections.flatMap(({ section, rows }) => sections[section]?.(report, rows) ?? []);
  return { ...frame, subject: incident.title, marking: narrowest(markings)!, blocks: [...remarkOf(remark), ...blocks] };
}

const colourOf = ({ schemes }: IncidentReport, scheme: string | undefined, level: number | null) => {
  const found = schemes.find(({ id }) => id === scheme);
  return found === undefined ? null : levelColour(found, level);
};

const sections: { readonly [section: string]: ((report: IncidentReport, rows: number) => Block[]) | undefined } = {
  summary(report) {
    const { incident, naming } = report;
    const next = incident.clocks.find(({ state }) => state === 'due-soon' || state === 'running' || state === 'missed');
    return [
      {
        kind: 'figures',
        items: [
          {
            label: words('report.column.level'),
            value: gradeCell(incident.grade),
            note: incident.grade === null ? null : words(`grade.${incident.grade.scheme}`),
            colour: colourOf(report, incident.grade?.scheme, incident.grade?.floor ?? null),
          },
          { label: words('report.column.stage'), value: words(`report.stage.${incident.stage.stage}`), note: incident.stage.reason, colour: null }, // oxfmt-ignore
          { label: words('report.column.lead'), value: naming(incident.lead.organisation), note: words('report.since', { at: instant(incident.lead.since) as string }), colour: null }, // oxfmt-ignore
          {
            label: words('report.clock.next'),
            value: next === undefined ? null : next.dueAt === null ? words('report.clock.promptly') : instant(next.dueAt),
            note: next === undefined ? words('report.clock.none') : words(`report.clock.${next.state}`),
            colour: next?.state === 'missed' ? 'red' : null,
          },
        ],
      },
      pairs('report.incident.summary', [
        ['report.column.number', incident.number],
        ['report.column.state', words(`report.state.${incident.state}`)],
        ['report.incident.seen', words('report.document.period', { from: instant(incident.from) as string, to: instant(incident.to) as string })],
        ['report.incident.harm', harmOf(incident)],
        ['report.incident.organisations', listed(incident.organisations.map(naming))],
        ['report.incident.hosts', incident.hosts.length === 0 ? null : words('report.list', { list: incident.hosts.slice(0, 40) })],
        ['report.incident.techniques', incident.techniques.length === 0 ? null : words('report.list', { list: incident.techniques.slice(0, 40) })],
        ['report.incident.findings', incident.findings],
        ['report.incident.cause', causeOf(incident)],
      ]),
      ...paragraphs(incident.reasons),
    ]; // oxfmt-ignore
  },

  grades(report) {
    const rows = report.incident.grades.map((grade) => ({
      colour: colourOf(report, grade.scheme, grade.floor),
      cells: [
        grade.schemeTitle,
        gradeCell(grade),
        listed(grade.fired.slice(0, 4).map(({ text }) => text)),
        listed(grade.missing.slice(0, 4).map(({ name }) => name)),
        grade.confidence,
      ],
    }));
    return [
      heading('report.section.grades'),
      table(
        'report.grades.list',
        [
          ['report.column.scheme', 3],
          ['report.column.level', 3],
          ['report.column.because', 5],
          ['report.column.unknown', 3],
          ['report.column.mark', 1],
        ],
        rows,
        { shown: 20 },
      ),
    ];
  },

  facts({ incident, valueOf, naming }) {
    const facts = incident.facts.filter(({ superseded }) => !superseded);
    return [
      heading('report.section.facts'),
      table(
        'report.facts.list',
        [
          ['report.column.fact', 4],
          ['report.column.value', 3],
          ['report.column.source', 4],
          ['report.column.stated', 3],
        ],
        facts.map((fact) => ({
          colour: null,
          cells: [
            fact.name,
            valueOf(fact),
            fact.derived ? words('report.fact.derived', { source: fact.source }) : fact.source,
            instant(fact.at),
          ],
        })),
        { shown: 60 },
      ),
      ...(facts.length === 0 && incident.lead.organisation !== '' ? [note(words('report.facts.few', { lead: localWords(naming(incident.lead.organisation)) }))] : []),
    ]; // oxfmt-ignore
  },

  forecast({ forecast }) {
    if (forecast === null) return [];
    return [
      heading('report.section.forecast'),
      ...paragraphs([words('report.forecast.means')]),
      table(
        'report.forecast.list',
        [
          ['report.column.when', 2],
          ['report.column.expected', 3],
          ['report.column.low', 3],
          ['report.column.high', 3],
        ],
        forecast.horizons.map(({ hours, low, expected, high }) => ({
          colour: null,
          cells: [
            words('report.forecast.in', { hours }),
            ...[expected, low, high].map((level) => levelWords(forecast.scheme, level)),
          ],
        })),
        { shown: 10 },
      ),
    ];
  },

  responsibilities({ incident, naming }) {
    return [
      heading('report.section.responsibilities'),
      table(
        'report.responsibilities.list',
        [
          ['report.column.whose', 4],
          ['report.column.part', 2],
          ['report.column.state', 2],
          ['report.column.since', 3],
          ['report.column.reason', 4],
        ],
        incident.responsibilities.map((one) => ({
          colour: null,
          cells: [
            naming(one.organisation),
            words(`report.part.${one.part}`),
            words(`report.part.${one.state}`),
            instant(one.since),
            one.reason,
          ],
        })),
        { shown: 40 },
      ),
    ];
  },

  clocks({ incident, naming }) {
    return [
      heading('report.section.clocks'),
      table(
        'report.clocks.list',
        [
          ['report.column.due', 3],
          ['report.column.state', 2],
          ['report.column.duty', 6],
          ['report.column.whose', 3],
        ],
        incident.clocks.map((one) => ({
          colour: one.state === 'missed' ? 'red' : one.state === 'due-soon' ? 'orange' : null,
          cells: [
            one.dueAt === null ? words('report.clock.promptly') : instant(one.dueAt),
            one.metAt === null
              ? words(`report.clock.${one.state}`)
              : words('report.clock.metAt', { at: instant(one.metAt) as string }),
            words('report.duty', {
              law: localWords(one.lawTitle),
              duty: localWords(one.dutyText),
              article: one.article,
              mark: one.confidence,
            }),
            naming(one.organisation),
          ],
        })),
        { shown: 60 },
      ),
    ];
  },

  tasks({ incident, naming }) {
    if (incident.tasks.length === 0) return [];
    return [
      heading('report.section.tasks'),
      table(
        'report.tasks.list',
        [
          ['report.column.task', 6],
          ['report.column.whose', 3],
          ['report.column.state', 2],
          ['report.column.due', 3],
        ],
        incident.tasks.map((one) => ({
          colour: null,
          cells: [one.title, naming(one.organisation), words(`report.task.${one.state}`), instant(one.dueAt)],
        })),
        { shown: 40 },
      ),
    ];
  },

  decisions({ incident, naming }) {
    if (incident.decisions.length === 0) return [];
    return [
      heading('report.section.decisions'),
      table(
        'report.decisions.list',
        [
          ['report.column.when', 3],
          ['report.column.question', 4],
          ['report.column.chosen', 3],
          ['report.column.reason', 5],
          ['report.column.whose', 3],
        ],
        incident.decisions.map((one) => ({
          colour: null,
          cells: [
            instant(one.at),
            one.question,
            one.chosen,
            one.dissent === null ? one.reasons : words('report.decision.dissent', { reasons: one.reasons, dissent: one.dissent }),
            naming(one.organisation),
          ],
        })),
        { shown: 40 },
      ),
    ];
  },

  warnings({ warnings }) {
    if (warnings.length === 0) return [];
    return [
      heading('report.section.warnings'),
      table(
        'report.warnings.list',
        [
          ['report.column.number', 2.6],
          ['report.column.warning', 5],
          ['report.column.colour', 2],
          ['report.column.issued', 3],
        ],
        warnings.map((one) => ({
          colour: one.colour,
          cells: [one.number, one.title, words(`report.colour.${one.colour}`), instant(one.issuedAt)],
        })),
        { shown: 20 },
      ),
    ];
  },

  timeline({ incident }, rows) {
    const newest = incident.timeline.toSorted((a, b) => (a.at < b.at ? 1 : -1));
    return [
      heading('report.section.timeline'),
      table(
        'report.timeline.list',
        [
          ['report.column.when', 2],
          ['report.column.what', 7],
        ],
        newest.slice(0, rows).map(({ at, text }) => ({ colour: null, cells: [instant(at), text] })),
        { shown: rows, all: newest.length },
      ),
    ];
  },
};

function harmOf({ stage: { harmAt } }: IncidentView): Cell {
  if (harmAt === null) return words('report.incident.noHarm');
  const [from, to] = [instant(harmAt.from) as string, instant(harmAt.to) as string];
  return from === to ? from : words('report.document.period', { from, to });
}

/** What it was closed with. */
function causeOf({ cause }: IncidentView): Piece | null {
  if (cause === null) return null;
  return cause.kind === 'known' ? cause.text : words('report.cause.unknown', { reason: cause.reason });
}
