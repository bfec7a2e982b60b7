/** A warning as a sheet: the fields of the national plan of 2017 (预警信息), as its reader may see them. */

import type { WarningView } from '@forewarn/model/api';
import type { Block, Document } from '@forewarn/model/document';
import type { ReportTemplate } from '@forewarn/model/report';
import { narrowest } from '../markings.ts';
import { heading, instant, note, pairs, paragraphs, remarkOf, span, table, words, type Frame, type Naming } from './blocks.ts';
import { listed } from './situation.ts';
import { sectorName } from '@forewarn/model/estate';

export type WarningReport = {
  readonly frame: Frame;
  readonly template: ReportTemplate;
  readonly remark: string | null;
  readonly warning: WarningView;
  readonly naming: Naming;
  /** Addressees that the sheet may name: its issuer's all, others' only themselves. */
  readonly audience: WarningView['audience'];
};

export function warningDocument(report: WarningReport): Document {
  const { frame, template, remark, warning } = report;
  const blocks = template.sections.flatMap(({ section, rows }) => sections[section]?.(report, rows) ?? []);
  const marking = narrowest([template.marking, warning.marking])!;
  return { ...frame, subject: warning.title, marking, blocks: [...remarkOf(remark), ...blocks] };
}

const sections: { readonly [section: string]: ((report: WarningReport, rows: number) => Block[]) | undefined } = {
  summary({ warning, naming }) {
    return [
      ...(warning.state === 'lifted' && warning.liftedAt !== null
        ? [note(words('report.warning.liftedAt', { at: instant(warning.liftedAt) as string }))]
        : []),
      ...(warning.issuedAt === null ? [note(words('report.warning.draft'))] : []),
      {
        kind: 'figures',
        items: [
          {
            label: words('report.column.colour'),
            value: words(`report.colour.${warning.colour}`),
            note: warning.incidentType,
            colour: warning.colour,
          },
          { label: words('report.column.issued'), value: instant(warning.issuedAt), note: warning.number, colour: null },
          {
            label: words('report.column.deadline'),
            value: instant(warning.measuresDeadline),
            note: words('report.warning.deadline'),
            colour: null,
          },
          { label: words('report.warning.authority'), value: naming(warning.issuingAuthority), note: null, colour: null },
        ],
      },
    ];
  },

  content({ warning }) {
    return [
      pairs('report.section.content', [
        ['report.warning.type', warning.incidentType],
        ['report.warning.start', instant(warning.startTime)],
        ['report.warning.scope', warning.possibleScope],
        ['report.warning.matters', warning.mattersToNote],
        ['report.warning.valid', warning.validUntil === null ? words('report.warning.untilLifted') : instant(warning.validUntil)],
        ['report.warning.colourReason', warning.colourReason],
      ]),
    ];
  },

  measures({ warning }) {
    if (warning.measures.length === 0) return [heading('report.section.measures'), ...paragraphs([warning.measuresToTake])];
    return [
      heading('report.section.measures'),
      table(
        'report.measures.list',
        [
          ['report.column.measure', 6],
          ['report.column.deadline', 3],
          ['report.column.needs', 2],
          ['report.column.given', 2],
        ],
        warning.measures.map((one) => ({
          colour: one.enough === false ? 'red' : null,
          cells: [
            one.text,
            instant(one.dueAt),
            one.needsSeconds === null ? null : span(one.needsSeconds),
            one.givenSeconds === null ? null : span(one.givenSeconds),
          ],
        })),
        { shown: 50 },
      ),
    ];
  },

  scope({ warning: { scope } }) {
    const list = (values: readonly string[] | undefined) =>
      values === undefined || values.length === 0 ? null : words('report.list', { list: values.slice(0, 60) });
    const rows = pairs('report.section.scope', [
      ['report.scope.addresses', list(scope.addresses)],
      ['report.scope.names', list(scope.names)],
      ['report.scope.businesses', list(scope.businesses)],
      ['report.scope.sectors', scope.sectors.length === 0 ? null : listed(scope.sectors.map(sectorName))],
      ['report.scope.vulnerabilities', list(scope.vulnerabilities)],
    ]);
    return [rows];
  },

  audience({ audience, naming }, rows) {
    if (audience.length === 0) return [];
    return [
      heading('report.section.audience'),
      table(
        'report.audience.list',
        [
          ['report.column.whose', 4],
          ['report.column.reason', 6],
          ['report.column.acknowledged', 3],
        ],
        audience.map((one) => ({
          colour: null,
          cells: [naming(one.organisation), listed(one.reasons.slice(0, 3)), instant(one.acknowledgedAt)],
        })),
        { shown: rows },
      ),
    ];
  },
};
