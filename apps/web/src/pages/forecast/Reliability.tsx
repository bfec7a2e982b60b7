/** How often what was said with a probability came: on the diagonal it is right, above it was too careful, below too bold. */

import type { CalibrationView } from '@forewarn/model/forecast';
import { Picture } from '../../charts/Picture.tsx';
import { Table } from '../../frame/Table.tsx';
import { useTexts } from '../../session/language.tsx';

const size = { width: 260, height: 240, left: 40, right: 10, top: 10, bottom: 34 } as const;
/** The largest dot; area goes with how often it was said. */
const dotMax = 10;

export function Reliability({ bins }: { bins: CalibrationView['reliability'] }) {
  const { t } = useTexts();
  const percent = (share: number): string => t('forecast.percent', { percent: Math.round(share * 100) });
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const x = (share: number): number => size.left + share * (size.width - size.left - size.right);
  const y = (share: number): number => size.height - size.bottom - share * (size.height - size.bottom - size.top);
  const said = bins.map(({ probability, observed, count }) => t('forecast.reliability.bin', { said: percent(probability), came: percent(observed), count })); // oxfmt-ignore
  return (
    <Picture
      label={t('forecast.reliability')}
      table={
        <Table
          label={t('forecast.reliability')}
          form="still"
          rows={bins}
          keyOf={(row) => row.probability}
          columns={[
            { head: t('forecast.reliability.said'), rowHead: true, cell: (row) => percent(row.probability) },
            { head: t('forecast.reliability.came'), number: true, cell: (row) => percent(row.observed) },
            { head: t('forecast.count'), number: true, cell: (row) => row.count },
          ]}
        />
      }
    >
      <svg
        className="reliability-plot"
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        aria-label={`${t('forecast.reliability')}: ${said.join(' ')}`}
      >
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line className="fan-grid" x1={x(0)} x2={x(1)} y1={y(part)} y2={y(part)} />
            <line className="fan-grid" x1={x(part)} x2={x(part)} y1={y(0)} y2={y(1)} />
            <text className="fan-text" x={size.left - 6} y={y(part) + 4} textAnchor="end">
              {percent(part)}
            </text>
            <text className="fan-text" x={x(part)} y={size.height - 18} textAnchor={part === 1 ? 'end' : 'middle'}>
              {percent(part)}
            </text>
          </g>
        ))}
        <text className="fan-text" x={x(0.5)} y={size.height - 4} textAnchor="middle">
          {t('forecast.reliability.said')}
        </text>
        <line className="fan-now" x1={x(0)} x2={x(1)} y1={y(0)} y2={y(1)} />
        {
          bins.map(({ probability, observed, count }, i) => (
            <circle
              key={probability}
              className="reliability-dot"
              cx={x(probability)}
              cy={y(observed)}
              r={Math.max(3, dotMax * Math.sqrt(count / most))}
            >
              <title>{said[i]}</title>
            </circle>
          )) /* oxfmt-ignore */
        }
      </svg>
    </Picture>
  );
}
