/**
 * A report of the situation. Its numbers are the issuer's and the same in every copy; its lists are those of whoever reads the copy, so that nobody learns from a report
 * what the workbench would not show. No address of a host stands in it: it is read at tables, not at consoles.
 */

import type { Block, Document, Piece } from '@forewarn/model/document';
import type { Tlp } from '@forewarn/model/markings';
import type { ReportTemplate } from '@forewarn/model/report';
import type { SituationCellView } from '@forewarn/model/situation-api';
import type { Words } from '@forewarn/model/text';
import { narrowest } from '../markings.ts';
import { hideHosts } from '../projection/incident.ts';
import {
  between,
  heading,
  instant,
  note,
  paragraphs,
  remarkOf,
  span,
  table,
  words,
  type Frame,
  type Naming,
  type Row,
} from './blocks.ts';
import { gradeCell, levelColour, levelWords } from './grades.ts';
import type { SituationLists, SituationNumbers } from './picture.ts';

export type SituationReport = {
  readonly frame: Frame;
  readonly template: ReportTemplate;
  readonly remark: string | null;
  readonly numbers: SituationNumbers;
  readonly lists: SituationLists;
  readonly naming: Naming;
};

/** The document, and how far it may travel: as the template says, or less far when something in it is marked narrower. */
export function situationDocument({ frame, template, remark, numbers, lists: all, naming }: SituationReport): Document {
  // For named persons only: it is counted and told of to nobody else, by this report neither.
  const lists: SituationLists = {
    ...all,
    incidents: all.incidents.filter(({ marking }) => marking !== 'TLP:RED'),
    warnings: all.warnings.filter(({ marking }) => marking !== 'TLP:RED'),
  };
  const red = all.incidents.length - lists.incidents.length + all.warnings.length - lists.warnings.length;
  const blocks = template.sections.flatMap(({ section, rows }): Block[] => {
    const make = sections[section];
    return make ? make({ frame, numbers, lists, rows, naming }) : [];
  });
  if (frame.madeAt - frame.to > lateSeconds)
    blocks.unshift(note(words('report.situation.late', { at: instant(frame.madeAt) as string })));
  if (red > 0) blocks.push(note(words('report.situation.red', { count: red })));
  const markings: Tlp[] = [template.marking, ...[...lists.incidents, ...lists.warnings].map(({ marking }) => marking)];
  return { ...frame, marking: narrowest(markings)!, blocks: [...remarkOf(remark), ...blocks] };
}

/** After this, how things stood at the end of the time is no longer how they are told. */
const lateSeconds = 3_600;

type Asked = { frame: Frame; numbers: SituationNumbers; lists: SituationLists; rows: number; naming: Naming };

const sections: { readonly [section: string]: ((asked: Asked) => Block[]) | undefined } = {
  summary,
  index,
  components,
  places,
  incidents,
  clocks,
  warnings,
  ratio,
  forecast,
  exposures,
  coverage,
};

/** Bands have the colours of warnings: what is dangerous is red, what is excellent has none. */
const bandColour = { dangerous: 'red', poor: 'orange', fair: 'yellow', good: 'blue', excellent: null } as const;

const bandWords = ({ band }: SituationCellView): Words => {
  const [floor, ceiling] = [words(`report.band.${band.floor}`), words(`report.band.${band.ceiling}`)];
  return band.floor === band.ceiling ? floor : words('report.level.range', { floor, ceiling });
};

function summary({ numbers }: Asked): Block[] {
  const { index: now, ratio: acted } = numbers;
  const open = numbers.openByLevel.reduce((sum, { count }) => sum + count, 0);
  const grave = numbers.openByLevel.filter(({ level }) => level !== null && level <= 2);
  const worst = now?.cells.filter(({ dimension }) => dimension === 'sector').toSorted((a, b) => b.floor - a.floor)[0];
  const colourOf = levelColour(numbers.scheme, numbers.openByLevel.find(({ count }) => count > 0)?.level ?? null);
  return [
    heading('report.section.summary'),
    {
      kind: 'figures',
      items: [
        {
          label: words('report.index'),
          value: now === null ? null : between(now.whole.floor, now.whole.ceiling),
          note: now === null ? words('report.index.none') : bandWords(now.whole),
          colour: now === null ? null : bandColour[now.whole.band.ceiling],
        },
        { label: words('report.incidents.open'), value: open, note: words('report.incidents.openedOf', { count: numbers.opened, before: numbers.openedBefore }), colour: colourOf }, // oxfmt-ignore
        {
          label: words('report.clocks.missed'),
          value: numbers.clocks.missed,
          note: words('report.clocks.others', { soon: numbers.clocks.dueSoon, running: numbers.clocks.running }),
          colour: numbers.clocks.missed > 0 ? 'red' : null,
        },
        {
          label: words('report.warnings.inForce'),
          value: numbers.warnings.inForce,
          note: words('report.warnings.issuedOf', { count: numbers.warnings.issued }),
          colour: null,
        },
        {
          label: words('report.ratio'),
          value: acted === null || acted.of === 0 ? null : words('report.of', { part: acted.before, of: acted.of }),
          note: words('report.ratio.means'),
          colour: null,
        },
      ],
    },
    ...paragraphs([
      now?.whole.before
        ? words('report.index.before', {
            floor: round(now.whole.before.floor),
            ceiling: round(now.whole.before.ceiling),
          })
        : null,
      worst && worst.ceiling > 0
        ? words('report.index.worst', { place: localWords(worst.name), floor: round(worst.floor), ceiling: round(worst.ceiling) })
        : null,
      ...grave
        .filter(({ count }) => count > 0)
        .map(({ level, count }) => words('report.incidents.grave', { level: levelWords(numbers.scheme.id, level), count })),
      numbers.clocks.missed > 0 ? words('report.clocks.act', { count: numbers.clocks.missed }) : null,
      numbers.warnings.unacknowledged > 0 ? words('report.warnings.act', { count: numbers.warnings.unacknowledged }) : null,
    ]),
  ];
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** A name as a value of words; of both languages, the catalogue takes its own. */
export function localWords(name: Piece): Words | string {
  if (typeof name === 'string') return name;
  return 'text' in name ? name : words('report.local', { en: name.en, zh: name.zh });
}

function index({ numbers, frame }: Asked): Block[] {
  const { index: now, trend } = numbers;
  if (now === null) return [heading('report.section.index'), note(words('report.index.none.means'))];
  const points = trend.map(({ at, floor, ceiling }) => {
    return { at: Date.parse(at) / 1000, value: floor as number | null, low: floor, high: ceiling };
  });
  return [
    heading('report.section.index'),
    ...(points.length < 2
      ? [note(words('report.index.short'))]
      : [
          {
            kind: 'lines' as const,
            caption: words('report.index.trend'),
            // Of a centre younger than the time that is told of, its own life is drawn.
            from: Math.max(frame.from, points[0]!.at),
            to: frame.to,
            max: 100,
            lines: [{ label: words('report.index.whole'), points: thinned(points) }],
          },
        ]),
    ...paragraphs([
      words('report.index.source', {
        version: now.rules.version,
        source: localWords(now.rules.source),
        mark: now.rules.confidence,
      }),
    ]),
  ];
}

/** Points that a plot takes; of more, every so many-th, and always the last. */
const pointsMax = 300;

function thinned<Point>(points: readonly Point[]): Point[] {
  const step = Math.ceil(points.length / pointsMax);
  return points.filter((_, i) => (points.length - 1 - i) % step === 0);
}

function components({ numbers: { index: now } }: Asked): Block[] {
  if (now === null) return [];
  const rows = now.whole.components.map(({ id, risk, points, events }): Row => {
    const rule = now.rules.components.find((one) => one.id === id);
    return {
      colour: null,
      cells: [
        words(`report.component.${id}`),
        rule === undefined ? null : words('report.percent', { value: Math.round(rule.weight * 100) }),
        between(risk.floor * 100, risk.ceiling * 100),
        between(points.floor, points.ceiling),
        events,
      ],
    };
  });
  return [
    table(
      'report.components',
      [
        ['report.column.component', 3],
        ['report.column.weight', 1, 'end'],
        ['report.column.risk', 2, 'end'],
        ['report.column.points', 2, 'end'],
        ['report.column.events', 1, 'end'],
      ],
      rows,
      { shown: rows.length },
    ),
  ];
}

function places({ numbers: { index: now }, rows }: Asked): Block[] {
  if (now === null) return [];
  const cells = now.cells.filter(({ floor, ceiling }) => ceiling > 0 || floor > 0);
  const sorted = cells.toSorted((a, b) => b.floor - a.floor || b.ceiling - a.ceiling);
  return [
    table(
      'report.places',
      [
        ['report.column.place', 3],
        ['report.column.dimension', 2],
        ['report.index', 2, 'end'],
        ['report.column.band', 2],
        ['report.column.before', 2, 'end'],
        ['report.column.seen', 1, 'end'],
      ],
      sorted.map((cell) => ({
        colour: bandColour[cell.band.ceiling],
        cells: [
          cell.name,
          words(`report.dimension.${cell.dimension}`),
          between(cell.floor, cell.ceiling),
          bandWords(cell),
          cell.before === null ? null : between(cell.before.floor, cell.before.ceiling),
          words('report.percent', { value: Math.round(cell.seen * 100) }),
        ],
      })),
      { shown: rows },
    ),
  ];
}

function incidents({ numbers, lists, rows, naming }: Asked): Block[] {
  const { scheme, openByLevel } = numbers;
  const most = Math.max(1, ...openByLevel.map(({ count }) => count));
  return [
    heading('report.section.incidents'),
    ...paragraphs([
      words('report.incidents.counts', { opened: numbers.opened, before: numbers.openedBefore, closed: numbers.closed }),
    ]),
    {
      kind: 'bars',
      caption: words('report.incidents.byLevel', { scheme: words(`grade.${scheme.id}`) }),
      max: most,
      bars: openByLevel.map(({ level, count, possibly }) => ({
        label: levelWords(scheme.id, level),
        value: count,
        said: possibly > 0 ? words('report.incidents.possibly', { count, possibly }) : count,
        colour: levelColour(scheme, level),
      })),
    },
    table(
      'report.incidents.list',
      [
        ['report.column.number', 2.6],
        ['report.column.incident', 5],
        ['report.column.level', 3],
        ['report.column.stage', 2],
        ['report.column.state', 2],
        ['report.column.lead', 3],
      ],
      lists.incidents.map((one) => ({
        colour: levelColour(scheme, one.grade?.floor ?? null),
        cells: [
          one.number,
          hideHosts(one.title, () => false),
          gradeCell(one.grade),
          words(`report.stage.${one.stage.stage}`),
          words(`report.state.${one.state}`),
          naming(one.lead.organisation),
        ],
      })),
      { shown: rows },
    ),
  ];
}

function clocks({ lists, rows, naming }: Asked): Block[] {
  return [
    heading('report.section.clocks'),
    table(
      'report.clocks.list',
      [
        ['report.column.due', 3],
        ['report.column.state', 2],
        ['report.column.incident', 2.6],
        ['report.column.duty', 5],
        ['report.column.whose', 3],
      ],
      lists.clocks.map((one) => ({
        colour: one.state === 'missed' ? 'red' : one.state === 'due-soon' ? 'orange' : null,
        cells: [
          one.dueAt === null ? words('report.clock.promptly') : instant(one.dueAt),
          words(`report.clock.${one.state}`),
          one.number,
          words('report.duty', {
            law: localWords(one.lawTitle),
            duty: localWords(one.dutyText),
            article: one.article,
            mark: one.confidence,
          }),
          naming(one.organisation),
        ],
      })),
      { shown: rows },
    ),
  ];
}

function warnings({ lists, rows, numbers }: Asked): Block[] {
  return [
    heading('report.section.warnings'),
    ...paragraphs([words('report.warnings.counts', numbers.warnings)]),
    table(
      'report.warnings.list',
      [
        ['report.column.number', 2.6],
        ['report.column.warning', 5],
        ['report.column.colour', 2],
        ['report.column.issued', 3],
        ['report.column.deadline', 3],
        ['report.column.acknowledged', 2, 'end'],
      ],
      lists.warnings.map((one) => {
        const seen = one.audience.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length;
        return {
          colour: one.state === 'lifted' ? null : one.colour,
          cells: [
            one.number,
            one.title,
            one.state === 'lifted' ? words('report.warning.lifted') : words(`report.colour.${one.colour}`),
            instant(one.issuedAt),
            instant(one.measuresDeadline),
            words('report.of', { part: seen, of: one.audience.length }),
          ],
        };
      }),
      { shown: rows },
    ),
  ];
}

function ratio({ numbers: { ratio: acted }, lists, rows, naming }: Asked): Block[] {
  if (acted === null) return [];
  return [
    heading('report.section.ratio'),
    ...paragraphs([
      acted.of === 0
        ? words('report.ratio.empty')
        : words('report.ratio.sentence', { before: acted.before, of: acted.of, unknown: acted.unknown }),
      acted.averted + acted.excluded > 0
        ? words('report.ratio.outside', { averted: acted.averted, excluded: acted.excluded })
        : null,
      acted.leadSecondsMedian === null ? null : words('report.ratio.lead', { span: span(acted.leadSecondsMedian) }),
    ]),
    table(
      'report.ratio.list',
      [
        ['report.column.number', 2.6],
        ['report.column.outcome', 2],
        ['report.column.action', 3],
        ['report.column.lead-time', 2, 'end'],
        ['report.column.reason', 5],
        ['report.column.hit', 3],
      ],
      lists.rated.map((one) => ({
        colour: one.outcome === 'late' ? 'red' : one.outcome === 'unknown' ? 'yellow' : null,
        cells: [
          one.number,
          words(`report.outcome.${one.outcome}`),
          one.action === null ? null : words(`report.action.${one.action.kind}`, { what: one.action.what }),
          one.leadSeconds === null
            ? null
            : words(one.leadSeconds < 0 ? 'report.lead.late' : 'report.lead.before', { span: span(one.leadSeconds) }),
          hideHosts(one.reason, () => false),
          listed(one.hit.map(naming)),
        ],
      })),
      { shown: rows },
    ),
  ];
}

/** Names as one cell. */
export const listed = (names: readonly Piece[]): Words | null =>
  names.length === 0 ? null : words('report.list', { list: names.map(localWords) });

function forecast({ lists, rows, numbers }: Asked): Block[] {
  if (lists.forecasts.length === 0) return [];
  const hours = [...new Set(lists.forecasts.flatMap(({ horizons }) => horizons.map((one) => one.hours)))].toSorted(
    (a, b) => a - b,
  );
  return [
    heading('report.section.forecast'),
    ...paragraphs([words('report.forecast.means')]),
    {
      kind: 'table',
      caption: words('report.forecast.list'),
      columns: [
        { label: words('report.column.number'), share: 2.6, end: false },
        { label: words('report.column.level'), share: 3, end: false },
        ...hours.slice(0, 4).map((one) => ({ label: words('report.forecast.in', { hours: one }), share: 3, end: false })),
      ],
      rows: lists.forecasts.slice(0, rows).map((one) => ({
        colour: levelColour(numbers.scheme, one.now),
        cells: [
          one.number,
          levelWords(one.scheme, one.now),
          ...hours.slice(0, 4).map((hour) => {
            const horizon = one.horizons.find((each) => each.hours === hour);
            if (!horizon) return null;
            return words('report.forecast.band', {
              expected: levelWords(one.scheme, horizon.expected),
              low: levelWords(one.scheme, horizon.low),
              high: levelWords(one.scheme, horizon.high),
            });
          }),
        ],
      })),
      more: Math.max(0, lists.forecasts.length - rows),
      empty: words('report.none'),
    },
  ];
}

function exposures({ numbers }: Asked): Block[] {
  if (numbers.exposures.length === 0)
    return [heading('report.section.exposures'), ...paragraphs([words('report.exposures.none')])];
  const most = Math.max(1, ...numbers.exposures.map(({ exposed, possibly }) => exposed + possibly));
  return [
    heading('report.section.exposures'),
    {
      kind: 'bars',
      caption: words('report.exposures.byOutcome'),
      max: most,
      bars: numbers.exposures.map(({ outcome, exposed, possibly, open }) => ({
        label: outcome,
        value: exposed + possibly,
        said: words('report.exposures.said', { exposed, possibly, open }),
        colour: null,
      })),
    },
  ];
}

function coverage({ numbers }: Asked): Block[] {
  const blind = numbers.coverage.filter(({ networks, state }) => networks > 0 && state !== 'seen');
  return [
    heading('report.section.coverage'),
    ...(blind.length === 0
      ? []
      : [note(words('report.coverage.blind', { types: blind.map(({ type }) => words(`web.network.${type}`)) }))]),
    table(
      'report.coverage.list',
      [
        ['report.column.network', 4],
        ['report.column.coverage', 2],
        ['report.column.networks', 2, 'end'],
        ['report.column.seenOf', 2, 'end'],
      ],
      numbers.coverage.map(({ type, state, networks, seen }) => ({
        colour: networks > 0 && state !== 'seen' ? 'orange' : null,
        cells: [words(`web.network.${type}`), words(`report.coverage.${state}.state`), networks, seen],
      })),
      { shown: 20 },
    ),
  ];
}
